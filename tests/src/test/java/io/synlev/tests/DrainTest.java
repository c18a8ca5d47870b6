package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.AdminState;
import io.synlev.tests.support.Await;
import io.synlev.tests.support.Commands.Result;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.DrainBed;
import io.synlev.tests.support.DrainBed.Way;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TcRequirements;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections that are held while their server is taken out of service. */
@ExtendWith({Requirements.class, TcRequirements.class})
class DrainTest {

  @ParameterizedTest
  @CsvSource({"TC_REDIRECT, IPV6", "ROUTED, IPV6", "DNAT, IPV4"})
  void shouldLetConnectionsEndAndThenMakeTheBackendInactive(Way way, Family family) {
    try (DrainBed bed = DrainBed.with(way, family)) {
      bed.magctl("backend", "set", "s1", "--weight", "0").orFail();
      bed.assertNewOnesAvoid("s1"); // weight 0 is the same for flows, and no drain
      bed.assertAllHeldAreKept();
      assertEquals(0, bed.daemon().drains().objects("drains").size());
      bed.magctl("backend", "set", "s1", "--weight", "1").orFail();

      try (RunningCommand watch = bed.startMagctl("drain", "s1", "--timeout", "60s", "--watch")) {
        Await.until(
            "the held ones are counted", () -> watch.out().contains("s1: " + bed.held("s1")));
        bed.assertNewOnesAvoid("s1");
        bed.assertAllHeldAreKept();
        assertEquals(AdminState.DRAINING, bed.state("s1"));
        assertTrue(watch.isAlive());
        bed.endHeld();
        Result watched = watch.waitFor(30, TimeUnit.SECONDS).orFail();
        assertTrue(watched.out().endsWith("s1 is inactive: no flow is left\n"), watched.out());
      }
      assertEquals(AdminState.INACTIVE, bed.state("s1"));
      assertEquals(AdminState.ACTIVE, bed.state("s2"));
    }
  }

  /** And what a client sees of --flush: its next packet is answered with a reset. */
  @ParameterizedTest
  @CsvSource({"TC_MARK, IPV6", "TC_REDIRECT, IPV4", "ROUTED, IPV4", "DNAT, IPV6"})
  void shouldEndWhatIsLeftOnlyWhenItIsFlushed(Way way, Family family) {
    try (DrainBed bed = DrainBed.with(way, family)) {
      Result drained = bed.magctl("drain", "s1", "--timeout", "1s", "--watch");
      assertEquals(1, drained.exit(), drained::toString);
      String left = "s1 is inactive: its time is up, " + bed.held("s1") + " flows left";
      assertTrue(drained.out().contains(left), drained::toString);
      assertEquals(AdminState.INACTIVE, bed.state("s1"));
      bed.assertAllHeldAreKept();

      Json flushed = Json.parse(bed.magctl("deactivate", "--flush", "s1", "--json").orFail().out());
      assertTrue(flushed.number("endedFlows") >= bed.held("s1"), flushed::toString);
      long others = bed.held("s2") + bed.held("s3");
      Await.until("clients are told", () -> bed.connectionsOfClients() == others);
      Json fates = bed.endHeld();
      assertEquals(others, fates.number("open"), fates::toString);
      assertEquals(bed.held("s1"), fates.number("broken"), fates::toString);
      assertEquals(bed.held("s1"), fates.numbers("broken_by").get("ECONNRESET"), fates::toString);
      assertEquals(0, fates.number("changed"), fates::toString);
      bed.assertNewOnesAvoid("s1");
    }
  }

  @ParameterizedTest
  @CsvSource({"TC_MARK, IPV4", "ROUTED, IPV6"})
  void shouldGoOnWithoutMagctlAndWithAnotherDaemon(Way way, Family family) {
    try (DrainBed bed = DrainBed.with(way, family)) {
      try (RunningCommand watch = bed.startMagctl("drain", "s1", "--timeout", "60s", "--watch");
          RunningCommand another = bed.startMagctl("drain", "s2", "--timeout", "59s", "--watch")) {
        Await.until("watched", () -> watch.out().contains(" left; "));
        Await.until("watched", () -> another.out().contains(" left; "));
        watch.kill();
        Result interrupted = another.stop();
        assertEquals(1, interrupted.exit(), interrupted::toString);
        assertTrue(interrupted.err().contains("the drain goes on: lbd"), interrupted::toString);
      }
      bed.daemon().kill();
      Daemon next = bed.restart();
      Await.until(
          "the next daemon counts",
          () -> next.drains().objects("drains").stream().filter(DrainTest::isCounted).count() == 2);
      bed.assertAllHeldAreKept();
      assertEquals(AdminState.DRAINING, bed.state("s1"));

      bed.magctl("activate", "s2").orFail();
      bed.endHeld();
      Await.until("drained, and told", () -> !next.drains().objects("ended").isEmpty());
      assertEquals(AdminState.INACTIVE, bed.state("s1"));
      assertEquals(AdminState.ACTIVE, bed.state("s2"), "people have called it off");
      Json ended = next.drains().objects("ended").getFirst();
      assertEquals("s1", ended.text("backend"));
      assertEquals(0, ended.number("flows"));
      assertFalse(next.log().contains("ERROR"), next::log);
    }
  }

  private static boolean isCounted(Json drain) {
    return drain.fields().get("flows") instanceof Number flows && flows.longValue() > 0;
  }
}
