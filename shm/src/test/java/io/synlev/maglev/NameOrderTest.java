package io.synlev.maglev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NameOrderTest {
  private static final NameOrder ORDER = NameOrder.INSTANCE;

  @Test
  void shouldCompareRunsOfDigitsAsNumbers() {
    List<String> sorted =
        List.of(
            "10.0.0.2",
            "10.0.0.10",
            "10.0.2.1",
            "10.0.10.1",
            "s",
            "s01",
            "s1",
            "s1a",
            "s2",
            "s2-1",
            "s2-10",
            "s10",
            "s10a",
            "s99999999999999999998",
            "s99999999999999999999",
            "sa",
            "t1");
    List<String> names = new ArrayList<>(sorted);
    Collections.shuffle(names, new Random(1));
    names.sort(ORDER);
    assertEquals(sorted, names);
  }

  @Test
  void shouldBeATotalOrder() {
    List<String> names = randomNames(150);
    for (String a : names) {
      assertEquals(0, ORDER.compare(a, a));
      for (String b : names) {
        int ab = Integer.signum(ORDER.compare(a, b));
        assertEquals(-ab, Integer.signum(ORDER.compare(b, a)), a + " " + b);
        assertEquals(a.equals(b), ab == 0, a + " " + b);
        for (String c : names) {
          assertTrue(
              !(ab < 0 && ORDER.compare(b, c) < 0) || ORDER.compare(a, c) < 0,
              () -> a + " < " + b + " < " + c);
        }
      }
    }
  }

  /** Short names of few characters, so that prefixes, zeros and equal numbers are common. */
  private static List<String> randomNames(int count) {
    Random random = new Random(7);
    String alphabet = "001129a-:";
    List<String> names = new ArrayList<>(Arrays.asList("", "0", "00", "a0", "a00", "a"));
    while (names.size() < count) {
      StringBuilder name = new StringBuilder();
      for (int left = 1 + random.nextInt(5); left > 0; left--) {
        name.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      if (!names.contains(name.toString())) {
        names.add(name.toString());
      }
    }
    return names;
  }
}
