package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TcRequirements;
import io.synlev.tests.support.TestBed;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A hundred thousand forged SYNs a second, and the pool changes. */
@ExtendWith({Requirements.class, TcRequirements.class})
class TcFloodTest {
  private static final int HELD = 1000;
  private static final int RATE = 100_000;
  private static final int SECONDS = 2;
  private static final String FORGED = "60.0.0.0/12";

  /** Less than the flood brings, so that it would evict the connections if it could. */
  private static final int ROOM = 1 << 16;

  @ParameterizedTest
  @CsvSource({"redirect"})
  void shouldKeepEstablishedConnections(String mode) {
    Family family = Family.IPV4;
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 4)) {
      Lab lab = bed.lab();
      // The servers' answers to nobody would go round; and the flood itself need not be served.
      lab.run(Lab.CLIENT, "ip", "route", "add", "blackhole", FORGED).orFail();
      for (String server : lab.servers()) {
        String drop = "iptables -t raw -A PREROUTING -s " + FORGED + " -j DROP";
        lab.run(server, drop.split(" ")).orFail();
      }
      Daemon daemon = bed.balancer().tcDaemon(mode, "--offload-flows", "" + ROOM);
      bed.balancer().installForTc(ReturnMode.DIRECT);
      RunningCommand held = bed.client(family).hold(HELD, "--interval", "0.5", "--timeout", "15");
      final String leaving = "s1";

      RunningCommand flood =
          lab.start(
              Lab.CLIENT,
              List.of(
                  Lab.peer("synflood"),
                  "--from",
                  FORGED,
                  "--rate",
                  "" + RATE,
                  "--seconds",
                  "" + SECONDS,
                  family.vip(),
                  "5001"),
              java.util.Map.of());
      Await.until("the flood reaches user space", () -> daemon.packets() > 20_000);
      bed.balancer().magctl("deactivate", leaving).orFail();
      Json sent = Client.end(flood);
      assertTrue(sent.number("sent") > ROOM, sent::toString);
      Json newcomers = bed.client(family).tcp("--count", "50", "--timeout", "30");
      assertEquals(0, newcomers.number("failed"), newcomers::toString);
      Json fates = TcFates.assertAllKept(HELD, held);
      assertTrue(fates.numbers("servers_open").containsKey(leaving), fates::toString);
      assertEquals(0, daemon.decided("followed-flow"), "user space had to follow none");
    }
  }
}
