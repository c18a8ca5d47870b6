package io.synlev.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.ffi.GuardPages;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Every datagram here ends where memory that nobody may touch begins, and its verdicts are compared
 * with those of an independent model.
 */
class MalformedMessagesTest {

  private static final List<byte[]> SEEDS =
      List.of(
          Messages.packet(0x01020304, 0xab1234, payload(64, 251)),
          Messages.packet(7, 0, payload(61, 252)),
          Messages.packet(8, 1, payload(0, 0)),
          new Messages()
              .packetHeader(9)
              .attribute(0x8013, Messages.concat(new byte[] {8, 0, 1, 0}, new byte[8]))
              .attribute(13, Messages.be(1500))
              .attribute(10, payload(40, 250))
              .build(),
          Messages.concat(
              Messages.packet(10, 0xff0000, payload(20, 251)),
              Messages.error(0, -2),
              Messages.packet(11, 0, payload(24, 252)),
              Messages.message(3, 0, Messages.be(0))));

  private static byte[] payload(int length, int last) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i == length - 1 ? last : 0x45 + i);
    }
    return bytes;
  }

  private static void check(LoopOnSocketPair pair, GuardPages guard, byte[] datagram) {
    pair.loop.takeDatagram(guard.placeAtEnd(datagram), datagram.length);
    pair.loop.finishBatch();
    List<Verdict> expected = Verdict.expectedFor(datagram);
    List<Verdict> actual = pair.verdicts();
    if (!expected.equals(actual)) {
      assertEquals(expected, actual, () -> "of " + HexFormat.of().formatHex(datagram));
    }
  }

  @Test
  void shouldSurviveEveryTruncation() throws Exception {
    try (LoopOnSocketPair pair = new LoopOnSocketPair(QueueOptions.of(0).withBatch(256));
        GuardPages guard = new GuardPages(4096)) {
      for (byte[] seed : SEEDS) {
        for (int length = 0; length <= seed.length; length++) {
          byte[] cut = Arrays.copyOf(seed, length);
          check(pair, guard, cut);
          if (length >= 4) { // and with the first message claiming just what is left
            ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putInt(0, length);
            check(pair, guard, cut);
          }
        }
      }
    }
  }

  @Test
  void shouldSurviveRandomMutations() throws Exception {
    SplittableRandom random = new SplittableRandom(20_260_101);
    try (LoopOnSocketPair pair = new LoopOnSocketPair(QueueOptions.of(0).withBatch(256));
        GuardPages guard = new GuardPages(4096)) {
      for (int i = 0; i < 500_000; i++) {
        check(pair, guard, mutate(SEEDS.get(i % SEEDS.size()), random));
      }
    }
  }

  private static byte[] mutate(byte[] seed, SplittableRandom random) {
    int length = random.nextInt(4) == 0 ? random.nextInt(seed.length + 1) : seed.length;
    byte[] mutant = Arrays.copyOf(seed, length);
    for (int i = random.nextInt(4); i >= 0 && length > 0; i--) {
      int at = random.nextInt(length);
      mutant[at] =
          switch (random.nextInt(4)) {
            case 0 -> (byte) random.nextInt();
            case 1 -> (byte) (mutant[at] + random.nextInt(-4, 5));
            case 2 -> (byte) (mutant[at] ^ 1 << random.nextInt(8));
            default -> (byte) random.nextInt(-1, 1);
          };
    }
    return mutant;
  }
}
