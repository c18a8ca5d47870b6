package io.synlev.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import net.openhft.chronicle.algo.hashing.LongHashFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XxHash64Test {
  private static final long PRIME_32 = 2654435761L;
  private static final long PRIME_64 = 0x9E3779B185EBCA8DL;

  /** The values of xxHash's own cli/xsum_sanity_check.c. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, ef46db3751d8e999",
    "0, 1, ac75fda2929b17ef",
    "1, 0, e934a84adb052768",
    "1, 1, 5014607643a9b4c3",
    "4, 0, 9136a0dca57457ee",
    "14, 0, 8282dcc4994e35c8",
    "14, 1, c3bd6bf63deb6df0",
    "222, 0, b641ae8cb691c174",
    "222, 1, 20cb8ab7ae10c14a"
  })
  void shouldHashTheSanityBufferAsXxHashDoes(int length, int primes, String expected) {
    byte[] input = Arrays.copyOf(sanityBuffer(), length);
    assertEquals(Long.parseUnsignedLong(expected, 16), XxHash64.hash(input, primes * PRIME_32));
  }

  /** That file fills its buffer with the upper bytes of powers of a prime. */
  private static byte[] sanityBuffer() {
    byte[] buffer = new byte[222];
    long generator = PRIME_32;
    for (int i = 0; i < buffer.length; i++) {
      buffer[i] = (byte) (generator >>> 56);
      generator *= PRIME_64;
    }
    return buffer;
  }

  /** Values that several implementations and their documentation share. */
  @ParameterizedTest
  @CsvSource({
    "a, d24ec4f1a98c6e5b",
    "abc, 44bc2cf5ad770999",
    "ABC, e66ae7354fcfee98",
    "xxhash, 32dd38952c4bc720",
    "No computer should be without one!, 67bc7cc242ebc50a",
    "Nobody inspects the spammish repetition, fbcea83c8a378bf1"
  })
  void shouldHashWellKnownTexts(String text, String expected) {
    assertEquals(
        Long.parseUnsignedLong(expected, 16),
        XxHash64.hash(text.getBytes(StandardCharsets.US_ASCII), 0));
  }

  @Test
  void shouldAgreeWithAnotherImplementationAtEveryLength() {
    Random random = new Random(1);
    for (int length = 0; length <= 300; length++) {
      byte[] input = new byte[length];
      random.nextBytes(input);
      long seed = random.nextLong();
      assertEquals(
          LongHashFunction.xx_r39(seed).hashBytes(input), XxHash64.hash(input, seed), "" + length);
    }
  }
}
