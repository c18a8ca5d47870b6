package io.synlev.fastpath;

import static io.synlev.fastpath.NeighbourBed.MAC;
import static io.synlev.fastpath.NeighbourBed.OPTIONS;
import static io.synlev.fastpath.NeighbourBed.OWN6;
import static io.synlev.fastpath.NeighbourBed.PEER;
import static io.synlev.fastpath.NeighbourBed.same;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RFC 4861: solicitations answered, and everything that 7.1 has discarded. */
class DiscoveryTest {

  private static final String VIP = "2001:db8:1::1";
  private static final String ASKER = "2001:db8:f::77";

  @TempDir Path directory;

  @Test
  void shouldAdvertiseOwnAddressesAndVips() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      for (String ours : List.of(OWN6, VIP, "2001:db8:2::1", "2001:db8:3::1")) {
        same(bed.say(Talk.whoHas6(PEER, ASKER, ours)), Talk.isAt6(PEER, ASKER, MAC, ours));
      }
      assertEquals(4, bed.counted(FastPathCounter.ND_ANSWERED));
    }
  }

  @Test
  void shouldAnswerAUnicastProbeToAVipThatItsServiceWouldTake() throws Exception {
    byte[] probe = Talk.discovery(MAC, PEER, ASKER, VIP, 135, 0, VIP, new byte[0]);
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(bed.say(probe), Talk.isAt6(PEER, ASKER, MAC, VIP));
      same(bed.say(Talk.tagged(probe, 5)), Talk.tagged(Talk.isAt6(PEER, ASKER, MAC, VIP), 5));
    }
  }

  @Test
  void shouldDefendItsAddressBeforeAll() throws Exception {
    byte[] probe =
        Talk.discovery(Talk.groupMac(VIP), PEER, "::", Talk.group(VIP), 135, 0, VIP, new byte[0]);
    byte[] answer =
        Talk.discovery(
            "333300000001", MAC, VIP, "ff02::1", 136, 0x2000_0000, VIP, Talk.option(2, MAC));
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(bed.say(probe), answer);
    }
  }

  @Test
  void shouldAnswerForNobodyElse() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS.withVips(false), false)) {
      same(bed.say(Talk.whoHas6(PEER, ASKER, VIP)));
      same(bed.say(Talk.whoHas6(PEER, ASKER, "2001:db8:f::1:1")));
      assertEquals(0, bed.counted(FastPathCounter.ND_ANSWERED));
    }
  }

  @Test
  void shouldCountWhoSaysThatOurAddressIsItsOwn() throws Exception {
    byte[] announcement =
        Talk.discovery(
            "333300000001", PEER, VIP, "ff02::1", 136, 0x2000_0000, VIP, Talk.option(2, PEER));
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(bed.say(announcement));
      same(bed.say(Talk.whoHas6(PEER, VIP, "2001:db8:f::10")));
      assertEquals(2, bed.counted(FastPathCounter.ADDRESS_CONFLICT));
    }
  }

  @Test
  void shouldDiscardWhatTheRfcSays() throws Exception {
    byte[] ask = Talk.whoHas6(PEER, ASKER, OWN6);
    byte[] answer = Talk.isAt6(MAC, OWN6, PEER, "2001:db8:f::10");
    List<byte[]> frames = new ArrayList<>();
    for (byte[] sound : List.of(ask, answer)) {
      frames.add(changed(sound, 21, 254)); // hop limit
      frames.add(changed(sound, 55, 1)); // code
      frames.add(changed(sound, 62, 0xff)); // target is a group
      frames.add(changed(sound, 79, 0)); // option of no length
      frames.add(changed(sound, 79, 2)); // option longer than the message
      byte[] wrong = sound.clone();
      wrong[57] ^= 1;
      frames.add(wrong); // checksum
      for (int length = 55; length < 86; length++) {
        frames.add(Arrays.copyOf(sound, length)); // cut
      }
      byte[] shorter = Arrays.copyOf(sound, 77);
      shorter[19] = 23;
      frames.add(Talk.seal(shorter)); // a message of less than 24 bytes
    }
    // From nobody: to one station; and naming an address.
    frames.add(Talk.discovery(MAC, PEER, "::", OWN6, 135, 0, OWN6, new byte[0]));
    frames.add(
        Talk.discovery(
            Talk.groupMac(OWN6), PEER, "::", Talk.group(OWN6), 135, 0, OWN6, Talk.option(1, PEER)));
    // "Solicited", said to all.
    frames.add(
        Talk.discovery(
            "333300000001", PEER, ASKER, "ff02::1", 136, 0x4000_0000, ASKER, new byte[0]));
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, true)) {
      for (byte[] frame : frames) {
        same(bed.say(frame));
      }
      same(bed.atKernel());
      assertEquals(frames.size(), bed.counted(FastPathCounter.ND_MALFORMED));
    }
  }

  private static byte[] changed(byte[] sound, int at, int value) {
    byte[] frame = sound.clone();
    frame[at] = (byte) value;
    return Talk.seal(frame);
  }
}
