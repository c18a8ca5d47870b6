package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.synlev.memory.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes are, nothing outside of them is touched (that ends the test process), only
 * what is to be translated changes, and a checksum is as right or wrong as it was.
 */
class HostilePacketsTest {

  private static final int MUTATIONS = 300_000;

  /** Lengths at their limits, versions, and protocols that are treated specially. */
  private static final int[] TELLING = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 17, 20, 24, 40, 43, 44, 51, 58, 59, 60, 69, 96, 127, 128, 132, 255
  };

  private final long[] addresses = new long[1];
  private final int[] lengths = new int[1];
  private NatBed bed;
  private int changed;

  @BeforeEach
  void open() throws Exception {
    bed = new NatBed(NatBed.options(2, 4096, 2000, 2199));
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private List<byte[]> packets() {
    List<byte[]> packets = new ArrayList<>();
    for (boolean isIpv6 : new boolean[] {false, true}) {
      String client = isIpv6 ? NatBed.CLIENT_V6 : NatBed.CLIENT;
      String vip = isIpv6 ? NatBed.VIP_V6 : NatBed.VIP;
      Packet tcp = Packet.tcp(client, 40, vip, 80, Packet.SYN).with("data.");
      Packet udp = Packet.udp(client, 40, vip, 53).with("more data");
      byte[] options = isIpv6 ? new byte[] {6, 0, 1, 4, 0, 0, 0, 0} : new byte[] {1, 7, 3, 4};
      byte[] fragmentHeader = {17, 0, 0, 1, 0, 0, 0, 9};
      Packet first = isIpv6 ? udp.options(44, fragmentHeader) : udp.fragment(9, 0x2000);
      byte[] laterHeader = {17, 0, 0, 24, 0, 0, 0, 9};
      Packet later = isIpv6 ? udp.options(44, laterHeader) : udp.fragment(9, 3);
      packets.addAll(
          List.of(
              tcp.bytes(),
              udp.bytes(),
              tcp.options(60, options).bytes(),
              first.bytes(),
              later.bytes()));
      Packet thereTcp = bed.send(tcp);
      Packet thereUdp = bed.send(udp);
      for (Packet there : List.of(thereTcp, thereUdp)) {
        packets.add(there.reply().bytes());
        packets.add(Errors.error(there.to(), there.from(), there.bytes(), 60));
        packets.add(Errors.error(client, vip, bed.answer(there.reply()).bytes(), 60));
      }
    }
    return packets;
  }

  private void check(byte[] packet) {
    for (boolean isToBackend : new boolean[] {true, false}) {
      check(packet, bed.pages.placeAtEnd(packet), isToBackend);
      check(packet, bed.pages.placeAtStart(packet), isToBackend);
    }
    int owner = bed.owner(1, packet);
    assertTrue(owner >= Translator.FRAGMENT && owner < 2, "owner " + owner);
  }

  private void check(byte[] packet, long at, boolean isToBackend) {
    Translator translator = bed.translators.get(0);
    addresses[0] = at;
    lengths[0] = packet.length;
    translator.approach(addresses, lengths, 1);
    NatOutcome outcome =
        isToBackend
            ? translator.toBackend(at, packet.length, bed.hop, 0, NatBed.NUMBER, true, 1, bed.now)
            : translator.toClient(at, packet.length, bed.now);
    byte[] now = new byte[packet.length];
    MemorySegment.copy(
        Memory.slice(at, packet.length), 0, MemorySegment.ofArray(now), 0, now.length);
    if (outcome != NatOutcome.TRANSLATED) {
      if (!Arrays.equals(packet, now)) {
        fail(outcome + " has changed " + HexFormat.of().formatHex(packet));
      }
      return;
    }
    changed++;
    if (!isRight(packet, now)) {
      fail(HexFormat.of().formatHex(packet) + "\n" + HexFormat.of().formatHex(now));
    }
  }

  /** Compares what must not change, and how wrong the checksums are. */
  private static boolean isRight(byte[] before, byte[] after) {
    if (before[0] >> 4 == 6) {
      boolean isSame = Arrays.equals(before, 0, 8, after, 0, 8);
      boolean isPlain = before[6] == 6 || before[6] == 17;
      return isSame && (!isPlain || isTransportRight(before, after, 40));
    }
    int header = (before[0] & 0xf) * 4;
    boolean isSame =
        Arrays.equals(before, 0, 4, after, 0, 4)
            && Arrays.equals(before, 6, 10, after, 6, 10)
            && Arrays.equals(before, 20, header, after, 20, header);
    boolean isFragment = (ByteBuffer.wrap(before).getShort(6) & 0x3fff) != 0;
    return isSame
        && Sums.of(Arrays.copyOf(before, header)) % 0xffff
            == Sums.of(Arrays.copyOf(after, header)) % 0xffff
        && (isFragment || before[9] == 1 || isTransportRight(before, after, header));
  }

  private static boolean isTransportRight(byte[] before, byte[] after, int header) {
    boolean isUdp = before[before[0] >> 4 == 6 ? 6 : 9] == 17;
    int sumAt = header + (isUdp ? 6 : 16);
    boolean isSame =
        Arrays.equals(before, header + 4, sumAt, after, header + 4, sumAt)
            && Arrays.equals(before, sumAt + 2, before.length, after, sumAt + 2, before.length);
    boolean hasSum = !isUdp || ByteBuffer.wrap(before).getShort(sumAt) != 0;
    return isSame
        && (hasSum
            ? wrongness(before, header) == wrongness(after, header)
            : ByteBuffer.wrap(after).getShort(sumAt) == 0);
  }

  /** The sum over addresses, transport header and all that follows: how it ends is the same. */
  private static int wrongness(byte[] packet, int header) {
    byte[] addresses =
        packet[0] >> 4 == 6
            ? Arrays.copyOfRange(packet, 8, 40)
            : Arrays.copyOfRange(packet, 12, 20);
    return Sums.of(addresses, Arrays.copyOfRange(packet, header, packet.length)) % 0xffff;
  }

  @Test
  void shouldStandEveryTruncation() {
    for (byte[] packet : packets()) {
      for (int length = 0; length <= packet.length; length++) {
        check(Arrays.copyOf(packet, length));
      }
    }
    assertTrue(changed > 100, "changed " + changed);
  }

  @Test
  void shouldStandEveryValueOfEveryByte() {
    for (byte[] packet : packets()) {
      for (int at = 0; at < packet.length; at++) {
        byte[] other = packet.clone();
        for (int value = 0; value < 256; value++) {
          other[at] = (byte) value;
          check(other);
        }
      }
    }
  }

  @Test
  void shouldStandMutations() {
    SplittableRandom random = new SplittableRandom(20260102);
    List<byte[]> originals = packets();
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] packet = originals.get(random.nextInt(originals.size())).clone();
      for (int times = random.nextInt(1, 5); times > 0 && packet.length > 0; times--) {
        packet = mutate(packet, random, originals);
      }
      check(packet);
      bed.now += 1_000_000;
      bed.translators.get(0).sweep(bed.now);
    }
    assertTrue(changed > MUTATIONS / 10, "changed " + changed);
    assertEquals(0, bed.tables.counted(1, NatCounter.OPENED));
  }

  private static byte[] mutate(byte[] packet, SplittableRandom random, List<byte[]> originals) {
    int at = random.nextInt(packet.length);
    switch (random.nextInt(7)) {
      case 0 -> packet[at] = (byte) random.nextInt();
      case 1 -> packet[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> {
        return Arrays.copyOf(packet, random.nextInt(packet.length + 1));
      }
      case 3 -> {
        return Arrays.copyOf(packet, packet.length + random.nextInt(16));
      }
      case 4 -> {
        byte[] other = originals.get(random.nextInt(originals.size()));
        return Packet.join(
            Arrays.copyOf(packet, at),
            Arrays.copyOfRange(other, random.nextInt(other.length), other.length));
      }
      default -> packet[at] = (byte) TELLING[random.nextInt(TELLING.length)];
    }
    return packet;
  }
}
