package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.nat.NatCounter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever comes, whole, in fragments or broken, by whichever queue, each buffer comes back once:
 * {@link NatBed#close} counts them.
 */
class NatBuffersTest {

  private static final int ROUNDS = 3000;
  private static final int MOST_FRAMES = 12;

  /** More than ports, so that some get none. */
  private static final int FLOWS = 300;

  @TempDir Path directory;

  private final SplittableRandom random = new SplittableRandom(20261126);

  private boolean happens(int percent) {
    return random.nextInt(100) < percent;
  }

  private Frame frame(boolean isFromClient) {
    boolean isIpv4 = random.nextBoolean();
    Frame addressed =
        isFromClient
            ? NatTalk.toVip(isIpv4)
            : Frame.of(
                (isIpv4 ? "10.1.0.1" : "2001:db8:f::1") + random.nextInt(NatBed.BACKENDS),
                isIpv4 ? NatBed.SOURCE : NatBed.SOURCE6);
    int port =
        isFromClient ? 1000 + random.nextInt(FLOWS) : NatBed.FIRST_PORT + random.nextInt(104);
    Frame frame = isFromClient ? addressed.ports(port, 80) : addressed.ports(80, port);
    Frame sized = frame.payload(random.nextInt(200, 400));
    return happens(70) ? sized.udp() : sized.tcpFlags(random.nextInt(32));
  }

  /** A packet, or some of its fragments in any order, perhaps broken. */
  private List<byte[]> frames(boolean isFromClient, int identification) {
    byte[] whole = NatModel.sealed(frame(isFromClient).bytes());
    List<byte[]> frames = new ArrayList<>();
    if (happens(50)) {
      frames.add(whole);
    } else {
      List<byte[]> pieces = Pieces.of(whole, happens(90) ? 104 : 8, identification);
      int first = random.nextInt(2);
      frames.add(pieces.get(first));
      if (happens(70)) {
        frames.add(pieces.get(1 - first));
      }
    }
    frames.replaceAll(this::perhapsBroken);
    return frames;
  }

  private byte[] perhapsBroken(byte[] frame) {
    byte[] other = frame.clone();
    if (happens(20)) {
      other[random.nextInt(12, Math.min(80, other.length))] = (byte) random.nextInt();
    }
    return happens(10) ? Arrays.copyOf(other, random.nextInt(14, other.length)) : other;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldGetEachBufferBackOnce(boolean hasTwoArms) throws Exception {
    try (NatBed bed = new NatBed(directory, 2, hasTwoArms)) {
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = random.nextInt(MOST_FRAMES); i > 0; i--) {
          boolean isFromClient = random.nextBoolean();
          RingLink link = isFromClient ? bed.clients : bed.backends;
          for (byte[] frame : frames(isFromClient, random.nextInt(64))) {
            link.arrive(random.nextInt(2), frame, happens(80) ? frame.length : 120);
          }
        }
        if (happens(1)) {
          bed.pass(random.nextInt(1, 130));
        } else {
          bed.run();
        }
        for (int worker = 0; worker < 2; worker++) {
          bed.clients.sent(worker);
          bed.backends.sent(worker);
        }
      }
      assertTrue(bed.counted(FastPathCounter.HELD) > ROUNDS / 10, "held");
      assertTrue(bed.counted(FastPathCounter.HANDED_OVER) > ROUNDS / 10, "handed over");
      assertTrue(bed.counted(FastPathCounter.NAT_REPLIES) > ROUNDS / 10, "replies");
      assertTrue(bed.counted(NatCounter.FRAGMENT_EARLY) > 0, "early");
      assertTrue(bed.counted(NatCounter.NO_PORT) > 0, "without a port");
    }
  }

  @Test
  void shouldHoldARepliesFragmentWhateverClientsSend() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      NatModel seen =
          NatTalk.forwarded(bed, NatModel.sealed(NatTalk.toVip(true).udp().ports(5, 80).bytes()));
      byte[] reply = NatTalk.reply(seen, NatTalk.fromBackend(seen).udp().payload(300));
      List<byte[]> replies = Pieces.of(reply, 160, 4711);
      bed.backends.arrive(0, replies.get(1));
      bed.run();
      byte[] tcp = NatModel.sealed(NatTalk.toVip(true).ports(6, 80).payload(200).bytes());
      for (byte[] piece : Pieces.of(tcp, 8, 77)) { // the first one ends before its checksum
        bed.clients.arrive(0, piece);
        bed.run();
      }
      assertEquals(1, bed.counted(NatCounter.FRAGMENT_EARLY));
      bed.backends.arrive(0, replies.get(0));
      bed.run();
      assertEquals(2, bed.clients.sent(0).size(), "fragments at the client");
    }
  }
}
