package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Reason;
import io.synlev.magctl.Stats.BackendPackets;
import io.synlev.magctl.Stats.Worker;
import io.synlev.state.Instance;
import io.synlev.state.PoolCursor;
import io.synlev.state.WorkerCounters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatsCommandTest extends Sandbox {
  @BeforeEach
  void count() {
    done("create 97 --backends s1 s2");
    try (Instance instance = open()) {
      instance.counters(0).add(Reason.FORWARDED_TCP.id(), 1_500);
      instance.counters(0).add(Reason.NO_SERVICE.id(), 20);
      instance.counters(63).add(Reason.FORWARDED_TCP.id(), 500);
      // A later version may count what this one has no name for.
      instance.counters(0).add(127, 3);
      for (int packet = 0; packet < 3; packet++) {
        PoolCursor cursor = instance.pool("default").cursor(packet);
        cursor.count(packet % 2);
      }
    }
  }

  @Test
  void shouldShowReasonsBackendsAndWorkers() {
    assertEquals(
        """
        instance default: 2,023 packets decided
          REASON         PACKETS   SHARE  MEANING
          forwarded-tcp    2,000  98.9 %  A TCP packet was given to a backend.
          no-service          20   1.0 %  No service has the packet's destination.
          counter-127          3   0.1 %  Counted by a later version.

        pool default: 3 packets given to its backends
          BACKEND  FWMARK  PACKETS   SHARE
          s1            1        2  66.7 %  ████████████████████
          s2            2        1  33.3 %  ██████████

          WORKER  PACKETS   SHARE
               0    1,523  75.3 %
              63      500  24.7 %
        """,
        done("stats"));
  }

  @Test
  void shouldPrintJson() {
    Map<String, Object> said = run("stats --json").json();
    assertEquals(2023, said.get("packets"));
    assertEquals(
        Map.of("forwarded-tcp", 2000, "no-service", 20, "counter-127", 3), said.get("reasons"));
    Map<?, ?> last = (Map<?, ?>) ((List<?>) said.get("workers")).getLast();
    assertEquals(63, last.get("worker"));
    assertEquals(Map.of("forwarded-tcp", 500), last.get("reasons"));
    assertEquals(
        Map.of("pool", "default", "name", "s1", "fwmark", 1, "packets", 2),
        ((List<?>) said.get("backends")).getFirst());
  }

  private static Stats stats(long nanos, long forwarded, long ofS1) {
    long[] counters = new long[WorkerCounters.COUNT];
    counters[Reason.FORWARDED_UDP.id()] = forwarded;
    return new Stats(
        "i",
        nanos,
        List.of(new Worker(0, counters)),
        List.of(new BackendPackets("p", "s1", 1, ofS1), new BackendPackets("p", "s2", 2, 0)));
  }

  @Test
  void shouldPrintRatesPerSecond() {
    Stats before = stats(0, 1_000, 400);
    Stats after = stats(2_000_000_000L, 61_000, 30_400);
    assertEquals(
        "  PACKETS/S  REASONS | BACKENDS\n     30,000  forwarded-udp 30,000 | s1 15,000\n",
        StatsText.rates(before, after, true));
    Map<String, Object> json = StatsJson.rates(before, after);
    assertEquals(30_000L, json.get("packetsPerSecond"));
  }

  @Test
  void shouldNotCountBackwardsWhenABackendWasMadeAnew() {
    assertTrue(
        StatsText.rates(stats(0, 5, 400), stats(1_000_000_000, 5, 3), false).endsWith("|\n"));
  }

  @Test
  void shouldEndWatchingAfterSoManyTimes() {
    assertEquals("", done("stats --watch --count 0"));
  }
}
