package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NeedleTest {
  private static boolean isFound(String needle, String hay) {
    Needle searched = new Needle(needle.getBytes(StandardCharsets.US_ASCII));
    int matched = 0;
    for (byte next : hay.getBytes(StandardCharsets.US_ASCII)) {
      if (searched.isFound(matched)) {
        return true;
      }
      matched = searched.step(matched, next);
    }
    return searched.isFound(matched);
  }

  /** Few letters, so that needles overlap with themselves. */
  @Test
  void shouldFindWhatStringsContain() {
    Random random = new Random(6);
    for (int i = 0; i < 20_000; i++) {
      String needle = text(random, random.nextInt(6));
      String hay = text(random, random.nextInt(30));
      assertEquals(hay.contains(needle), isFound(needle, hay), needle + " in " + hay);
    }
  }

  private static String text(Random random, int length) {
    return random
        .ints(length, 'a', 'c')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
