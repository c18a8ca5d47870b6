package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What is made of a daemon's counters, which are here as docs/dpdk-flows.md and docs/tc.md list.
 */
class FlowCountersTest {

  private static final long SECOND = 1_000_000_000L;

  private static FlowCounters dpdk(long nanos, long times) {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("hit", 900 * times);
    counters.put("miss-syn", 40 * times);
    counters.put("miss-udp", 10 * times);
    counters.put("miss-sctp", 0L);
    counters.put("bypass", 50 * times);
    counters.put("inserted", 45 * times);
    counters.put("known", 45 * times);
    return new FlowCounters("dpdk", nanos, counters);
  }

  @Test
  void shouldShowHitsAndMissesByKind() {
    assertEquals(
        """
        dpdk: 1,000 packets to services, 90.0 % of known flows
          PACKETS   COUNT   SHARE
          hit         900  90.0 %
          miss syn     40   4.0 %
          miss udp     10   1.0 %
          bypass       50   5.0 %

          FLOWS     COUNT
          inserted     45
          known        45
        """,
        FlowCountersText.of(dpdk(0, 1)));
  }

  @Test
  void shouldShowRates() {
    FlowCounters grown = dpdk(7 * SECOND, 5).since(dpdk(5 * SECOND, 1));
    assertEquals(
        "   PACKETS/S      HIT  MISSES/S | OTHERS/S\n"
            + "       2,000   90.0 %  syn 80 udp 20 | bypass 100 inserted 90\n",
        FlowCountersText.rates(grown, true));
    assertEquals(
        "{carrier=dpdk, packetsPerSecond=2000, hitShare=0.9, missesPerSecond={syn=80, udp=20,"
            + " sctp=0}, bypassedPerSecond=100, flowsPerSecond={inserted=90}}",
        FlowCountersText.ratesJson(grown).toString());
  }

  @Test
  void shouldCountFromNothingAfterARestart() {
    FlowCounters grown = dpdk(6 * SECOND, 1).since(dpdk(5 * SECOND, 8));
    assertEquals(1000, grown.rate(grown.packets()));
  }

  @Test
  void shouldAddUpHitsOfDifferentKinds() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("hit-mark", 3L);
    counters.put("hit-redirect", 4L);
    counters.put("miss-unknown", 2L);
    counters.put("miss-fragment", 1L);
    counters.put("promoted", 9L);
    FlowCounters tc = new FlowCounters("tc", 0, counters);
    assertEquals(10, tc.packets());
    assertEquals(7, tc.hits());
    assertEquals(Map.of("unknown", 2L, "fragment", 1L), tc.misses());
    assertEquals(Map.of("promoted", 9L), tc.others());
  }
}
