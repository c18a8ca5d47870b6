package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.KernelQueue;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.PacketCounter;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TestBed;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The daemon goes, and comes back, while there is traffic. */
@ExtendWith(Requirements.class)
class FailureTest {

  @Test
  void shouldCarryEstablishedConnectionsWhileTheDaemonIsDead() {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 4)) {
      Client client = bed.client(Family.IPV4);
      PacketCounter arrived = PacketCounter.start(bed.lab(), Family.IPV4, "arrived");
      PacketCounter syns =
          PacketCounter.start(bed.lab(), Family.IPV4, "syns", "-p", "tcp", "--syn");
      Daemon first = bed.balancer().daemon();
      bed.balancer().install(ReturnMode.ROUTED, Redirect.SYN_ONLY);
      RunningCommand held = client.hold(200, "--interval", "0.1");

      first.kill();
      long whenKilled = arrived.packets();
      // Three rounds of questions and the acknowledgements of their answers.
      Await.until("held connections go on", () -> arrived.packets() - whenKilled > 3 * 200 * 2);
      long known = syns.packets();
      RunningCommand newcomers = client.startTcp("--count", "100", "--timeout", "30");
      Await.until("the newcomers' SYNs were lost", () -> syns.packets() - known >= 64);
      assertEquals(0, KernelQueue.total(bed.lab()));

      Daemon second = bed.balancer().daemon();
      Json arrivals = Client.end(newcomers);
      assertEquals(100, arrivals.number("connections"), arrivals::toString);
      assertEquals(0, arrivals.number("failed"), arrivals::toString);
      Json fates = Client.stop(held);
      assertEquals(200, fates.number("open"), fates::toString);
      assertEquals(0, fates.number("broken"), fates::toString);
      assertEquals(0, fates.number("changed"), fates::toString);
      assertEquals(0, second.stop().exit());
    }
  }

  @Test
  void shouldEndOnSigtermAndStartAgainUnderLoad() {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 4)) {
      Daemon daemon = bed.balancer().daemon();
      bed.balancer().install(ReturnMode.ROUTED, Redirect.ALL);
      RunningCommand load =
          bed.client(Family.IPV6)
              .startTcp("--count", "100000000", "--rate", "2000", "--timeout", "30");
      for (int i = 0; i < 3; i++) {
        waitForTraffic(bed.lab());
        assertEquals(0, daemon.stop().exit(), daemon.log());
        assertEquals(List.of(), KernelQueue.on(bed.lab(), Lab.LB));
        assertFalse(Files.exists(bed.balancer().directory().controlSocket()));
        daemon = bed.balancer().daemon();
      }
      waitForTraffic(bed.lab());
      Json report = Client.stop(load);
      // Whatever was dropped meanwhile, TCP has sent again.
      assertEquals(0, report.number("failed"), report::toString);
    }
  }

  private static void waitForTraffic(Lab lab) {
    Await.until("traffic in user space", () -> KernelQueue.total(lab) > 1000);
  }
}
