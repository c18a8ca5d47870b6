package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Dpdk;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.SwitchBed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon that goes from the kernel's queues to DPDK and back while clients use it. */
@ExtendWith(Requirements.class)
class DpdkSwitchTest {
  private static final int HELD = 40;
  private static final List<String> TC = List.of("--offload", "tc", "--offload-interface", "eth");

  @TempDir Path directory;
  private long hugePages;

  @BeforeEach
  void needDpdk() {
    Dpdk.require("net_af_packet", "net_af_xdp");
    hugePages = Dpdk.hugePages();
  }

  private static List<String> with(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /** The XDP program takes packets away from the kernel, so nobody need stop before another is. */
  @Test
  void shouldKeepEveryFlowAndPacketWithAfXdp() {
    List<String> options = SwitchBed.arguments(SwitchBed.options("net_af_xdp"));
    try (SwitchBed bed = new SwitchBed(directory)) {
      bed.installRules("tc");
      try (RunningCommand lbd = bed.lbd(with(options, TC));
          RunningCommand held = bed.hold(HELD);
          RunningCommand datagrams = datagrams(bed)) {
        moveTableAwayFromFlows(bed);
        for (int i = 0; i < 2; i++) {
          Json there = bed.switchTo("dpdk");
          assertTrue(there.object("switch").number("flows") >= HELD, there::toString);
          assertEquals(0, there.object("switch").number("gapMicros"));
          assertTrue(bed.hasXdp());
          assertFalse(bed.hasTc(), "tc marks what comes back, not what DPDK has");
          assertOnlyDpdkForwards(bed);
          Json back = bed.switchTo("nfqueue");
          assertTrue(back.object("switch").number("flows") >= HELD, back::toString);
          assertEquals(0, back.object("switch").number("gapMicros"));
          assertFalse(bed.hasXdp());
          assertTrue(bed.hasTc());
          assertEquals(Set.of("s2"), bed.connect(50).keySet());
        }
        Json sent = SwitchBed.end(datagrams);
        assertEquals(0, sent.number("unanswered"), sent::toString);
        assertEquals(0, sent.number("flows_changed"), sent::toString);
        TcFates.assertAllKept(HELD, held);
        assertEquals(0, lbd.stop().exit(), lbd::err);
      }
    }
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  /** The kernel gets copies there, so the former datapath stops before the other one begins. */
  @Test
  void shouldKeepEveryFlowWithAfPacketAndForwardNothingTwice() {
    List<String> options = SwitchBed.arguments(SwitchBed.options("net_af_packet"));
    try (SwitchBed bed = new SwitchBed(directory)) {
      bed.installRules("tc");
      try (RunningCommand lbd = bed.lbd(with(options, TC));
          RunningCommand held = bed.hold(HELD)) {
        moveTableAwayFromFlows(bed);
        for (int i = 0; i < 2; i++) {
          Json there = bed.switchTo("dpdk");
          assertTrue(there.object("switch").number("gapMicros") > 0, there::toString);
          assertFalse(bed.hasTc(), "it would send copies to the backends");
          assertOnlyDpdkForwards(bed);
          bed.switchTo("nfqueue");
          assertEquals(Set.of("s2"), bed.connect(50).keySet());
        }
        TcFates.assertAllKept(HELD, held);
        assertEquals(0, lbd.stop().exit(), lbd::err);
      }
    }
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  private static void assertOnlyDpdkForwards(SwitchBed bed) {
    long before = bed.forwardedByKernel();
    assertEquals(Set.of("s2"), bed.connect(50).keySet());
    assertEquals(before, bed.forwardedByKernel(), "the kernel forwards nothing beside DPDK");
    assertEquals("dpdk", bed.call("status", Map.of()).text("datapath"));
  }

  private static RunningCommand datagrams(SwitchBed bed) {
    return bed.client("udpload", "--answers", "--ports", "32", "--pps", "500", "--seconds", "8");
  }

  /** From now on new flows go to s2 alone, and those of s3 are remembered. */
  private static void moveTableAwayFromFlows(SwitchBed bed) {
    assertEquals(Set.of("s2", "s3"), bed.connect(50).keySet());
    bed.magctl("deactivate", "s3").orFail();
  }

  /**
   * What conntrack carries goes to DPDK's table; it takes nothing back, so on the way back flows
   * follow the table.
   */
  @Test
  void shouldTakeFlowsFromConntrack() {
    List<String> options = SwitchBed.arguments(SwitchBed.options("net_af_xdp"));
    try (SwitchBed bed = new SwitchBed(directory)) {
      bed.routeAnswersThroughBalancer();
      bed.installRules("conntrack", "--return", "routed");
      try (RunningCommand lbd = bed.lbd(with(options, List.of("--offload", "conntrack")))) {
        try (RunningCommand held = bed.hold(HELD)) {
          moveTableAwayFromFlows(bed);
          Json there = bed.switchTo("dpdk");
          assertTrue(there.object("switch").number("flows") >= HELD, there::toString);
          assertEquals(Set.of("s2"), bed.connect(50).keySet());
          Json fates = TcFates.assertAllKept(HELD, held);
          assertEquals(Set.of("s2", "s3"), fates.numbers("servers_open").keySet());
        }
        try (RunningCommand held = bed.hold(HELD)) {
          bed.switchTo("nfqueue");
          assertEquals(Set.of("s2"), bed.connect(50).keySet());
          TcFates.assertAllKept(HELD, held);
        }
        assertEquals(0, lbd.stop().exit(), lbd::err);
      }
    }
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  /** Queues without offload ask the table for each packet: what had moved since, moves now. */
  @Test
  void shouldFollowTheTableWhereNobodyRemembersFlows() {
    List<String> begin = List.of("--datapath", "dpdk", "--offload", "none");
    List<String> options = SwitchBed.arguments(SwitchBed.options("net_af_xdp"));
    try (SwitchBed bed = new SwitchBed(directory)) {
      bed.installRules("none");
      try (RunningCommand lbd = bed.lbd(with(begin, options));
          RunningCommand held = bed.hold(HELD)) {
        long staying = Json.lastLine(held.out()).numbers("servers").get("s2");
        assertTrue(staying < HELD, held::out);
        bed.magctl("deactivate", "s3").orFail();
        assertEquals(Set.of("s2"), bed.connect(50).keySet());
        assertEquals(HELD, bed.heldConnections(), "DPDK remembers");
        bed.switchTo("nfqueue");
        Await.until("s2 resets what was s3's", () -> bed.heldConnections() == staying);
        Json fates = Client.stop(held);
        assertEquals(staying, fates.number("open"), fates::toString);
        assertEquals(staying, fates.numbers("servers_open").get("s2"), fates::toString);
        assertEquals(0, lbd.stop().exit(), lbd::err);
      }
    }
  }

  /** What the table decides is decided the same by both, remembered or not. */
  @ParameterizedTest
  @ValueSource(strings = {"net_af_xdp", "net_af_packet"})
  void shouldBeginWithDpdkAndKeepFlowsOfTheTable(String driver) {
    List<String> begin = List.of("--datapath", "dpdk", "--queue", "2", "--offload", "none");
    List<String> options = SwitchBed.arguments(SwitchBed.options(driver));
    try (SwitchBed bed = new SwitchBed(directory)) {
      bed.installRules("none");
      try (RunningCommand lbd = bed.lbd(with(begin, options));
          RunningCommand held = bed.hold(HELD)) {
        long before = bed.call("stats", Map.of()).object("reasons").number("forwarded-tcp");
        bed.switchTo("nfqueue");
        assertEquals(Set.of("s2", "s3"), bed.connect(50).keySet());
        String shown = bed.magctl("show", "datapath").orFail().out();
        assertTrue(shown.contains("nfqueue serves instead of dpdk"), shown);
        shown = bed.magctl("show").orFail().out();
        assertTrue(shown.contains("on queue 2\n"), shown);
        bed.switchTo("dpdk");
        assertEquals(Set.of("s2", "s3"), bed.connect(50).keySet());
        shown = bed.magctl("show", "datapath").orFail().out();
        assertTrue(shown.contains("driver " + driver), shown);
        long after = bed.call("stats", Map.of()).object("reasons").number("forwarded-tcp");
        assertTrue(after >= before + 100, "counters go on: " + before + ", " + after);
        TcFates.assertAllKept(HELD, held);
        assertEquals(0, lbd.stop().exit(), lbd::err);
        assertFalse(bed.hasXdp());
      }
    }
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  /** Who is told that a switch is over sees what serves, and may ask for the next one. */
  @Test
  void shouldTakeTheNextSwitchAsSoonAsOneIsOver() {
    List<String> options = SwitchBed.arguments(SwitchBed.options("net_af_packet"));
    try (SwitchBed bed = new SwitchBed(directory)) {
      bed.installRules("none");
      try (RunningCommand lbd = bed.lbd(options)) {
        for (int i = 0; i < 20; i++) {
          String to = i % 2 == 0 ? "dpdk" : "nfqueue";
          bed.call("datapath.switch", Map.of("to", to));
          Json shown = bed.call("datapath.show", Map.of());
          while (shown.object("lastSwitch").fields().get("step") != null) {
            shown = bed.call("datapath.show", Map.of());
          }
          assertEquals(to, shown.text("datapath"), shown::toString);
          assertNull(shown.object("lastSwitch").fields().get("failure"), shown::toString);
        }
        assertEquals(0, lbd.stop().exit(), lbd::err);
      }
    }
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }
}
