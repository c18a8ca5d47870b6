package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Health;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DampingTest {
  private static final int RISE = 2;
  private static final int FALL = 3;

  private final Damping damping = new Damping(Health.UP);

  private boolean observe(String answers) {
    boolean isNew = false;
    for (char answer : answers.toCharArray()) {
      isNew = damping.observe(answer == '+', RISE, FALL);
    }
    return isNew;
  }

  @Test
  void shouldNotMoveForOneLostProbe() {
    assertFalse(observe("+++-+++--+-+--+"));
    assertEquals(Health.UP, damping.health());
  }

  @Test
  void shouldBringDownAtTheLastOfThreeInARow() {
    assertFalse(observe("+--"));
    assertTrue(observe("-"));
    assertEquals(Health.DOWN, damping.health());
    assertFalse(observe("---"));
  }

  @Test
  void shouldBringUpAtTheSecondOfTwoInARow() {
    observe("---");
    assertFalse(observe("+-+"));
    assertEquals(Health.DOWN, damping.health());
    assertTrue(observe("+"));
    assertEquals(Health.UP, damping.health());
  }

  @Test
  void shouldBeginAnewWithWhatSomebodyElseSays() {
    observe("--");
    damping.adopt(Health.UP);
    assertFalse(observe("--"));
    assertEquals(2, damping.alike());
    assertTrue(observe("-"));
  }

  /** By the definition: a verdict is contradicted by the last answers, all of them, and enough. */
  @Test
  void shouldDoAsTheDefinitionSaysForAnyAnswers() {
    Random random = new Random(7);
    StringBuilder since = new StringBuilder();
    Health expected = Health.UP;
    for (int i = 0; i < 10_000; i++) {
      char answer = random.nextInt(3) == 0 ? '-' : '+';
      since.append(answer);
      String enough = expected == Health.UP ? "---" : "++";
      if (since.toString().endsWith(enough)) {
        expected = expected == Health.UP ? Health.DOWN : Health.UP;
        since.setLength(0);
      }
      observe(String.valueOf(answer));
      assertEquals(expected, damping.health(), since::toString);
    }
  }
}
