package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Action;
import org.junit.jupiter.api.Test;

class SteeringOptionsTest {

  private static final SteeringOptions DEFAULT = SteeringOptions.DEFAULT;

  private static void assertRefused(String part, Runnable wrong) {
    Throwable thrown = assertThrows(IllegalArgumentException.class, wrong::run);
    assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
  }

  @Test
  void shouldRefuseToLetPacketsWithoutABackendPass() {
    assertRefused("default route", () -> DEFAULT.withNoBackend(Outcome.ACCEPT));
  }

  @Test
  void shouldRefusePortsWhereThereAreNone() {
    assertRefused("BY_ADDRESSES", () -> DEFAULT.withFragments(Treatment.BY_FLOW));
    assertRefused("BY_ADDRESSES", () -> DEFAULT.withIcmpOthers(Treatment.BY_FLOW));
    assertRefused("BY_ADDRESSES", () -> DEFAULT.withOtherProtocols(Treatment.BY_FLOW));
  }

  @Test
  void shouldRefuseMarksOutsideTheMask() {
    SteeringOptions options = DEFAULT.withNoService(Outcome.mark(0x1001));
    assertSame(options, options.checkMarks(0x1fff));
    assertRefused("0x1001", () -> options.checkMarks(0xfff));
    assertRefused("5", () -> new Outcome(Action.DROP, 5));
  }
}
