package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.RpcException;
import io.synlev.tests.support.Commands.Result;
import io.synlev.tests.support.Dpdk;
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

/** Switches that are refused or fail: what served before serves on. */
@ExtendWith(Requirements.class)
class DpdkSwitchRefusalTest {
  private static final Set<String> BOTH = Set.of("s2", "s3");
  private static final List<String> OPTIONS = SwitchBed.arguments(SwitchBed.options("net_af_xdp"));

  @TempDir Path directory;
  private long hugePages;

  @BeforeEach
  void needDpdk() {
    Dpdk.require("net_af_packet", "net_af_xdp");
    hugePages = Dpdk.hugePages();
  }

  @Test
  void shouldServeOnByQueuesWhenDpdkCannot() {
    try (SwitchBed bed = new SwitchBed(directory)) {
      bed.installRules("none");
      try (RunningCommand lbd = bed.lbd(List.of())) {
        assertRefused(bed, 2, "dpdk needs a port", "dpdk");
        assertRefused(bed, 2, "'speed=9' is no option of dpdk", "dpdk", "--dpdk", "speed=9");
        assertRefused(bed, 2, "'xdp' is no datapath", "xdp");
        assertRefused(bed, 2, "nfqueue takes no options", "nfqueue", "--dpdk", "port=net_x0");
        assertRefused(
            bed, 1, "apt-get install librte-net-x23", "dpdk", with("driver=net_x,net_ring"));
        assertRefused(bed, 1, "nosuch", "dpdk", with("port=net_af_xdp0,iface=nosuch"));
        assertRefused(bed, 1, "queues on port", "dpdk", with("cores=0,1"));
        assertRefused(
            bed,
            2,
            "1 queues and 64 workers of dpdk: use fewer",
            "dpdk",
            SwitchBed.arguments(List.of("port=net_x0", "flows=0", "cores=0" + ",0".repeat(63)))
                .toArray(String[]::new));
        assertEquals(BOTH, bed.connect(50).keySet());
        assertFalse(bed.hasXdp());
        assertEquals("nfqueue served before\n", bed.magctl("datapath", "nfqueue").orFail().out());
        bed.switchTo("dpdk", OPTIONS.toArray(String[]::new));
        assertEquals(BOTH, bed.connect(50).keySet());
        assertEquals("dpdk served before\n", bed.magctl("datapath", "dpdk").orFail().out());
        assertRefused(bed, 1, "dpdk serves with other options", "dpdk", with("idle=60"));
        bed.switchTo("nfqueue");
        assertRefused(
            bed, 1, "it starts once a process", "dpdk", with("driver=net_af_packet,net_ring"));
        assertEquals(0, lbd.stop().exit(), lbd::err);
      }
    }
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  @Test
  void shouldRefuseQueuesForPoolsThatTakeTurnsAndTakeOvers() {
    try (SwitchBed bed = new SwitchBed(directory);
        RunningCommand lbd = bed.lbd(with("--datapath", "dpdk", OPTIONS))) {
      bed.magctl(
              "create",
              "--pool",
              "turns",
              "--policy",
              "round-robin",
              "--backends",
              "s2b,ipv4=10.0.0.2")
          .orFail();
      assertRefused(bed, 1, "policy round-robin", "nfqueue");
      assertEquals(BOTH, bed.connect(50).keySet());
      bed.magctl("delete", "turns").orFail();
      Result takeOver = bed.onBalancer("lbd", "--take-over");
      assertEquals(1, takeOver.exit());
      assertTrue(
          takeOver.err().contains("datapath dpdk cannot be handed over"), takeOver::toString);
      assertEquals(0, lbd.stop().exit(), lbd::err);
    }
  }

  /** With AF_XDP DPDK never stops; with AF_PACKET it has to, and is brought back. */
  @ParameterizedTest
  @ValueSource(strings = {"net_af_xdp", "net_af_packet"})
  void shouldServeOnByDpdkWhenTheQueueIsTaken(String driver) {
    List<String> options = SwitchBed.arguments(SwitchBed.options(driver));
    try (SwitchBed bed = new SwitchBed(directory);
        RunningCommand lbd = bed.lbd(with("--datapath", "dpdk", options));
        RunningCommand held = bed.hold(20);
        RunningCommand other = bed.other()) {
      bed.magctl("deactivate", "s3").orFail();
      assertRefused(bed, 1, "queue 2 is held by lbd of instance 'u'", "nfqueue");
      assertEquals("dpdk", bed.call("status", Map.of()).text("datapath"));
      assertEquals(Set.of("s2"), bed.connect(50).keySet());
      other.stop();
      assertEquals(0, lbd.stop().exit(), lbd::err);
      assertTrue(held.isAlive());
    }
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  /** What conntrack carries meets no queue, so nothing would drop the kernel's copies of it. */
  @Test
  void shouldRefuseCopiesForTheKernelWhereConntrackWouldForwardThem() {
    try (SwitchBed bed = new SwitchBed(directory)) {
      bed.routeAnswersThroughBalancer();
      bed.installRules("conntrack", "--return", "routed");
      List<String> options = SwitchBed.arguments(SwitchBed.options("net_af_packet"));
      try (RunningCommand lbd = bed.lbd(with("--offload", "conntrack", options));
          RunningCommand held = bed.hold(20)) {
        assertRefused(bed, 1, "conntrack, which carries", "dpdk");
        TcFates.assertAllKept(20, held);
        assertEquals(0, lbd.stop().exit(), lbd::err);
      }
    }
  }

  @Test
  void shouldSwitchOnceAtATimeAndEndCleanlyMeanwhile() {
    try (SwitchBed bed = new SwitchBed(directory)) {
      bed.installRules("none");
      try (RunningCommand lbd = bed.lbd(OPTIONS)) {
        Map<String, Object> to = Map.of("to", "dpdk", "options", List.of());
        assertEquals("dpdk", bed.call("datapath.switch", to).text("to"));
        RpcException busy = assertThrows(RpcException.class, () -> bed.call("datapath.switch", to));
        assertTrue(busy.getMessage().contains("is under way"), busy::getMessage);
        bed.call("stop", Map.of());
        assertEquals(0, lbd.waitFor().exit(), lbd::err);
        assertFalse(bed.hasXdp());
      }
    }
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  /** The usual options, one of them another way. */
  private static String[] with(String option) {
    List<String> options = new ArrayList<>(SwitchBed.options("net_af_xdp"));
    options.removeIf(each -> each.startsWith(option.replaceFirst("=.*", "=")));
    options.add(option);
    return SwitchBed.arguments(options).toArray(String[]::new);
  }

  private static List<String> with(String first, String second, List<String> more) {
    List<String> all = new ArrayList<>(List.of(first, second));
    all.addAll(more);
    return all;
  }

  private static void assertRefused(
      SwitchBed bed, int exit, String message, String to, String... more) {
    List<String> command = new ArrayList<>(List.of("datapath", to));
    command.addAll(List.of(more));
    Result result = bed.magctl(command.toArray(String[]::new));
    assertEquals(exit, result.exit(), result::toString);
    assertTrue(result.err().contains(message), result::toString);
  }
}
