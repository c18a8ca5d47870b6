package io.synlev.packet;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes packets that are almost right: changed bytes, wrong lengths, inserted headers, cuts, and
 * the head of one with the tail of another.
 */
public final class Mutator {

  /** Lengths at their limits, versions, and the protocols that parsers treat specially. */
  private static final int[] TELLING = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 17, 19, 20, 32, 43, 44, 50, 51, 58, 59, 60, 127, 128, 132, 135, 139,
    137, 140, 255
  };

  private final SplittableRandom random;
  private final List<byte[]> originals;

  public Mutator(SplittableRandom random, List<byte[]> originals) {
    this.random = random;
    this.originals = originals;
  }

  /** Another packet of 0 to some 200 bytes; the caller may keep it. */
  public byte[] next() {
    byte[] packet = originals.get(random.nextInt(originals.size())).clone();
    for (int times = random.nextInt(1, 5); times > 0 && packet.length > 0; times--) {
      packet = mutate(packet);
    }
    return packet;
  }

  private byte[] mutate(byte[] packet) {
    int at = random.nextInt(Math.min(packet.length, 160));
    switch (random.nextInt(8)) {
      case 0 -> packet[at] = (byte) random.nextInt();
      case 1 -> packet[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> {
        return Arrays.copyOf(packet, random.nextInt(packet.length + 1));
      }
      case 3 -> {
        return Arrays.copyOf(packet, packet.length + random.nextInt(16));
      }
      case 4 -> {
        return insert(packet, at);
      }
      case 5 -> {
        return splice(packet, at, originals.get(random.nextInt(originals.size())));
      }
      default -> packet[at] = (byte) TELLING[random.nextInt(TELLING.length)];
    }
    return packet;
  }

  private byte[] splice(byte[] packet, int at, byte[] other) {
    int from = random.nextInt(other.length);
    byte[] both = Arrays.copyOf(packet, at + other.length - from);
    System.arraycopy(other, from, both, at, other.length - from);
    return both;
  }

  /** Eight bytes that may be an extension header. */
  private byte[] insert(byte[] packet, int at) {
    byte[] longer = new byte[packet.length + 8];
    System.arraycopy(packet, 0, longer, 0, at);
    System.arraycopy(packet, at, longer, at + 8, packet.length - at);
    for (int i = 0; i < 8; i++) {
      longer[at + i] = (byte) TELLING[random.nextInt(TELLING.length)];
    }
    return longer;
  }
}
