package io.synlev.hash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * XXH64 of a byte array, as the xxHash specification (doc/xxhash_spec.md, version 0.2.0) defines
 * it. It hashes names into permutations: with seeds 0 and 1 the tables are Envoy's.
 */
public final class XxHash64 {
  private static final long PRIME_1 = 0x9E3779B185EBCA87L;
  private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME_3 = 0x165667B19E3779F9L;
  private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME_5 = 0x27D4EB2F165667C5L;

  private static final int STRIPE_BYTES = 32;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private XxHash64() {}

  /**
   * The 64-bit hash of all bytes of {@code input}.
   *
   * @param seed any value; another seed gives an unrelated hash
   */
  public static long hash(byte[] input, long seed) {
    int at = 0;
    long h;
    if (input.length >= STRIPE_BYTES) {
      long a = seed + PRIME_1 + PRIME_2;
      long b = seed + PRIME_2;
      long c = seed;
      long d = seed - PRIME_1;
      for (; at <= input.length - STRIPE_BYTES; at += STRIPE_BYTES) {
        a = round(a, longAt(input, at));
        b = round(b, longAt(input, at + 8));
        c = round(c, longAt(input, at + 16));
        d = round(d, longAt(input, at + 24));
      }
      h =
          Long.rotateLeft(a, 1)
              + Long.rotateLeft(b, 7)
              + Long.rotateLeft(c, 12)
              + Long.rotateLeft(d, 18);
      h = merge(merge(merge(merge(h, a), b), c), d);
    } else {
      h = seed + PRIME_5;
    }
    return avalanche(tail(input, at, h + input.length));
  }

  private static long tail(byte[] input, int from, long hash) {
    int at = from;
    long h = hash;
    for (; at <= input.length - 8; at += 8) {
      h = Long.rotateLeft(h ^ round(0, longAt(input, at)), 27) * PRIME_1 + PRIME_4;
    }
    if (at <= input.length - 4) {
      h ^= Integer.toUnsignedLong((int) INT.get(input, at)) * PRIME_1;
      h = Long.rotateLeft(h, 23) * PRIME_2 + PRIME_3;
      at += 4;
    }
    for (; at < input.length; at++) {
      h = Long.rotateLeft(h ^ (input[at] & 0xff) * PRIME_5, 11) * PRIME_1;
    }
    return h;
  }

  private static long avalanche(long hash) {
    long h = hash;
    h = (h ^ h >>> 33) * PRIME_2;
    h = (h ^ h >>> 29) * PRIME_3;
    return h ^ h >>> 32;
  }

  private static long round(long accumulator, long lane) {
    return Long.rotateLeft(accumulator + lane * PRIME_2, 31) * PRIME_1;
  }

  private static long merge(long hash, long accumulator) {
    return (hash ^ round(0, accumulator)) * PRIME_1 + PRIME_4;
  }

  private static long longAt(byte[] input, int at) {
    return (long) LONG.get(input, at);
  }
}
