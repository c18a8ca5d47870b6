package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DatapathTextTest {

  private static Map<String, Object> change(String step, String failure, int gap, int together) {
    Map<String, Object> change = new LinkedHashMap<>();
    change.put("from", "nfqueue");
    change.put("to", "dpdk");
    change.put("begun", "2026-11-26T03:15:56.290Z");
    change.put("step", step);
    change.put("failure", failure);
    change.put("preparedMicros", 432_900);
    change.put("gapMicros", gap);
    change.put("togetherMicros", together);
    change.put("flows", gap == 0 ? 0 : 1);
    return change;
  }

  @Test
  void shouldSayHowASwitchWent() {
    assertEquals(
        "dpdk serves instead of nfqueue: prepared in 432.9 ms, no gap, both served for 12.6 ms",
        DatapathText.outcome(change(null, null, 0, 12_620)));
    assertEquals(
        "dpdk serves instead of nfqueue: prepared in 432.9 ms, nobody took packets for 4.5 ms at"
            + " most; 1 flow carried over",
        DatapathText.outcome(change(null, null, 4_489, 0)));
    assertEquals(
        "not switched to dpdk: no port", DatapathText.outcome(change(null, "no port", -1, -1)));
  }

  @Test
  void shouldShowWhatServes() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("datapath", "nfqueue");
    all.put("since", "2026-11-26T03:00:00Z");
    all.put("flows", "tc");
    all.put("settings", Map.of("queue-2", "queue 2: port id 7"));
    all.put("options", List.of());
    all.put("lastSwitch", change("preparing dpdk", null, -1, -1));
    assertEquals(
        """
          datapath  nfqueue
          since     2026-11-26T03:00:00Z
          flows     tc
          queue-2   queue 2: port id 7
          switch    under way: preparing dpdk
        """,
        DatapathText.of(new DatapathAnswer("nfqueue", all)));
  }
}
