package io.synlev.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** All inputs are fixed, so a bound of six standard deviations holds for good or never. */
class FlowHashTest {
  private static final int SLOTS = 997;
  private static final int FLOWS = 1_000_000;
  private static final int TCP = 6;
  private static final double SIGMAS = 6;

  // Computed from the description by another program in another language.
  private static final int EXPECTED_IPV4 = 0x177068a9;
  private static final int EXPECTED_IPV6 = 0x4f9107dd;

  private static final FlowHash HASH = new FlowHash(new Seed(0x0123456789abcdefL, 42));

  /** Flows as they come: each counts up in one field, and everything else stands still. */
  @Test
  void shouldSpreadFlowsThatDifferLittle() {
    assertUniform("source", i -> HASH.ipv4(0x0a000000 + i, 0xc6336401, 40000 << 16 | 80, TCP));
    assertUniform("destination", i -> HASH.ipv4(0xc6336401, 0x0a000000 + i, 53 << 16 | 53, 17));
    assertUniform("both ports", i -> HASH.ipv4(0x0a000001, 0xc6336401, i, TCP));
    assertUniform("source in steps of 256", i -> HASH.ipv4(i << 8, 0xc6336401, 443, TCP));
    assertUniform("addresses alone", i -> HASH.ipv4(0x0a000000 + i, 0xc6336401, 0, 0));
    assertUniform("IPv6 host part", i -> HASH.ipv6(0x20010db8L << 32, i, 1L << 60, 1, 443, TCP));
    assertUniform("IPv6 prefix", i -> HASH.ipv6(0x20010db8L << 32 | i, 1, 1L << 60, 1, 443, TCP));
    assertUniform("IPv6 VIP", i -> HASH.ipv6(0x20010db8L << 32, 1, 1L << 60, i, 443, TCP));
    assertUniform("IPv6 ports", i -> HASH.ipv6(0x20010db8L << 32, 1, 1L << 60, 1, i, TCP));
  }

  @Test
  void shouldSpreadUnderWeakSeeds() {
    for (Seed seed : new Seed[] {new Seed(0, 0), new Seed(-1, -1), new Seed(1, 0)}) {
      FlowHash hash = new FlowHash(seed);
      assertUniform(
          seed.toHex(), i -> hash.ipv4(0x0a000000 + i, 0xc6336401, 40000 << 16 | 80, TCP));
      assertUniform(seed.toHex(), i -> hash.ipv6(0x20010db8L << 32, i, 1L << 60, 1, 443, TCP));
    }
  }

  /** Chi-square over the slots as tables choose them, and over the lowest bits. */
  private static void assertUniform(String what, IntUnaryOperator hash) {
    int[] bySlot = new int[SLOTS];
    int[] byLowBits = new int[1024];
    for (int i = 0; i < FLOWS; i++) {
      int h = hash.applyAsInt(i);
      bySlot[(int) ((h & 0xffffffffL) * SLOTS >>> 32)]++;
      byLowBits[h & 1023]++;
    }
    assertChiSquare(what + ", slots", bySlot);
    assertChiSquare(what + ", low bits", byLowBits);
  }

  /** With k cells the statistic has mean k - 1 and variance 2 (k - 1). */
  private static void assertChiSquare(String what, int[] counts) {
    double expected = (double) FLOWS / counts.length;
    double chiSquare = 0;
    for (int count : counts) {
      chiSquare += (count - expected) * (count - expected) / expected;
    }
    double degrees = counts.length - 1;
    double distance = Math.abs(chiSquare - degrees) / Math.sqrt(2 * degrees);
    // Too even is as suspicious as too uneven, but a counter run through a multiplication may be.
    assertTrue(chiSquare < degrees || distance < SIGMAS, what + ": chi-square " + chiSquare);
  }

  /** One bit of input changes each bit of output half the time. */
  @Test
  void shouldAvalanche() {
    int samples = 10_000;
    Random random = new Random(2);
    int[][] flips = new int[104][32];
    for (int n = 0; n < samples; n++) {
      int source = random.nextInt();
      int destination = random.nextInt();
      int ports = random.nextInt();
      int protocol = random.nextInt(256);
      int before = HASH.ipv4(source, destination, ports, protocol);
      for (int bit = 0; bit < flips.length; bit++) {
        int flip = 1 << bit % 32;
        int after =
            switch (bit / 32) {
              case 0 -> HASH.ipv4(source ^ flip, destination, ports, protocol);
              case 1 -> HASH.ipv4(source, destination ^ flip, ports, protocol);
              case 2 -> HASH.ipv4(source, destination, ports ^ flip, protocol);
              default -> HASH.ipv4(source, destination, ports, protocol ^ flip);
            };
        count(flips[bit], before ^ after);
      }
    }
    assertHalf(flips, samples);
  }

  @Test
  void shouldAvalancheOverAllOfAnIpv6Flow() {
    int samples = 5_000;
    Random random = new Random(3);
    int[][] flips = new int[6 * 64][32];
    for (int n = 0; n < samples; n++) {
      long[] fields = random.longs(6).toArray();
      int before = ipv6(fields);
      for (int bit = 0; bit < flips.length; bit++) {
        // Ports have 32 bits and the protocol 8: the last two fields hold fewer.
        if (bit < 256 + 32 || bit >= 320 && bit < 328) {
          fields[bit / 64] ^= 1L << bit % 64;
          count(flips[bit], before ^ ipv6(fields));
          fields[bit / 64] ^= 1L << bit % 64;
        } else {
          flips[bit] = null;
        }
      }
    }
    assertHalf(flips, samples);
  }

  private static int ipv6(long[] fields) {
    return HASH.ipv6(
        fields[0], fields[1], fields[2], fields[3], (int) fields[4], (int) fields[5] & 0xff);
  }

  private static void count(int[] flips, int changed) {
    for (int bit = 0; bit < 32; bit++) {
      flips[bit] += changed >>> bit & 1;
    }
  }

  private static void assertHalf(int[][] flips, int samples) {
    double deviation = Math.sqrt(samples) / 2;
    for (int in = 0; in < flips.length; in++) {
      for (int out = 0; flips[in] != null && out < 32; out++) {
        double distance = Math.abs(flips[in][out] - samples / 2.0) / deviation;
        assertTrue(distance < SIGMAS, "bit " + in + " to bit " + out + ": " + flips[in][out]);
      }
    }
  }

  /** Two hashes that know nothing of each other meet in one slot by chance alone. */
  @Test
  void shouldBeUnrelatedUnderSeedsThatDifferInOneBit() {
    int flows = 100_000;
    int slots = 97;
    double expected = (double) flows / slots;
    for (int bit = 0; bit < 128; bit++) {
      FlowHash other =
          new FlowHash(
              bit < 64
                  ? new Seed(0x0123456789abcdefL ^ 1L << bit, 42)
                  : new Seed(0x0123456789abcdefL, 42 ^ 1L << bit));
      int same = 0;
      for (int i = 0; i < flows; i++) {
        long mine = HASH.ipv4(0x0a000000 + i, 0xc6336401, 443, TCP) & 0xffffffffL;
        long others = other.ipv4(0x0a000000 + i, 0xc6336401, 443, TCP) & 0xffffffffL;
        same += mine * slots >>> 32 == others * slots >>> 32 ? 1 : 0;
      }
      assertTrue(
          Math.abs(same - expected) < SIGMAS * Math.sqrt(expected),
          "seed bit " + bit + ": " + same + " flows stayed, chance is " + expected);
    }
  }

  @Test
  void shouldTellFieldsApart() {
    int hash = HASH.ipv4(1, 2, 3 << 16 | 4, TCP);
    assertNotEquals(hash, HASH.ipv4(2, 1, 3 << 16 | 4, TCP));
    assertNotEquals(hash, HASH.ipv4(1, 2, 4 << 16 | 3, TCP));
    assertNotEquals(hash, HASH.ipv4(1, 2, 3 << 16 | 4, 17));
    int six = HASH.ipv6(1, 2, 3, 4, 5, TCP);
    assertNotEquals(six, HASH.ipv6(2, 1, 3, 4, 5, TCP));
    assertNotEquals(six, HASH.ipv6(3, 4, 1, 2, 5, TCP));
  }

  @Test
  void shouldBeTheSameOnEveryBalancerOfATier() {
    FlowHash other = new FlowHash(new Seed(0x0123456789abcdefL, 42));
    assertEquals(HASH.ipv4(1, 2, 3, TCP), other.ipv4(1, 2, 3, TCP));
    // Written down once: a change of the function would split a tier during its upgrade.
    assertEquals(EXPECTED_IPV4, HASH.ipv4(0x0a000001, 0xc6336401, 40000 << 16 | 80, TCP));
    assertEquals(
        EXPECTED_IPV6, HASH.ipv6(0x20010db800000000L, 1, 0x20010db800000001L, 2, 443, TCP));
  }

  @Test
  void shouldAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int sum = 0;
    long allocated = Long.MAX_VALUE;
    // The first rounds may compile and link.
    for (int round = 0; round < 5; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 100_000; i++) {
        sum += HASH.ipv4(i, sum, i, TCP) + HASH.ipv6(i, sum, i, sum, i, TCP);
      }
      allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertEquals(0, allocated, () -> "bytes for 200,000 hashes");
    assertNotEquals(0, sum);
  }
}
