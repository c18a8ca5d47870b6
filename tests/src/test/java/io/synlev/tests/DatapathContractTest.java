package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
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
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every datapath does with the same state: the same pool, the same clients, the same
 * expectations, and counters that say the same.
 */
@ExtendWith(Requirements.class)
class DatapathContractTest {
  private static final int FLOWS = 16;
  private static final int EACH = 10;
  private static final int SINK_PORT = 5001;

  /** Where {@code fragload} begins to count source ports. */
  private static final int FRAGMENT_PORT = 20000;

  private static final Set<String> TO_BACKENDS =
      Set.of("forwarded-tcp", "forwarded-udp", "followed-flow");

  @TempDir Path directory;

  /** Who carries the packets. */
  enum Carrier {
    NFQUEUE(List.of("--queue", "2", "--fragment-queue", "3")),
    DPDK(with("--datapath", "dpdk", SwitchBed.options("net_af_xdp")));

    private final List<String> options;

    Carrier(List<String> options) {
      this.options = options;
    }

    private static List<String> with(String option, String name, List<String> more) {
      List<String> all = new ArrayList<>(List.of(option, name));
      all.addAll(SwitchBed.arguments(more));
      return all;
    }
  }

  @BeforeEach
  void needDpdk() {
    Dpdk.require("net_af_xdp");
  }

  private SwitchBed bed() {
    SwitchBed bed = new SwitchBed(directory);
    bed.installRules("none", "--fragment-queue", "3");
    return bed;
  }

  /** Which backend the table names for a flow of datagrams from the client. */
  private static String named(SwitchBed bed, int sourcePort, int port) {
    String[] flow = {"10.0.0.1:" + sourcePort, SwitchBed.VIP + ":" + port};
    return Json.parse(bed.magctl("explain", "--json", "udp", flow[0], flow[1]).orFail().out())
        .text("backend");
  }

  private static Map<String, Long> reasons(SwitchBed bed) {
    return Json.parse(bed.magctl("stats", "--json").orFail().out()).numbers("reasons");
  }

  /** Of several packets to a neighbour that is not known yet, one waits and others are lost. */
  private static void meetNeighbours(SwitchBed bed) {
    assertEquals(Set.of("s2", "s3"), bed.connect(20).keySet());
  }

  private static long toBackends(SwitchBed bed) {
    Map<String, Long> reasons = reasons(bed);
    return TO_BACKENDS.stream().mapToLong(reason -> reasons.getOrDefault(reason, 0L)).sum();
  }

  private static Map<String, Long> steered(SwitchBed bed) {
    Map<String, Long> packets = new TreeMap<>();
    Json.parse(bed.magctl("stats", "--json").orFail().out())
        .objects("backends")
        .forEach(backend -> packets.put(backend.text("name"), backend.number("packets")));
    return packets;
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveEachFlowTheBackendThatTheTableNames(Carrier carrier) {
    try (SwitchBed bed = bed();
        RunningCommand lbd = bed.lbd(carrier.options)) {
      Map<String, Long> named = new TreeMap<>();
      for (int i = 0; i < FLOWS; i++) {
        named.merge(named(bed, 40001 + i, 8080), (long) EACH, Long::sum);
      }
      meetNeighbours(bed);
      Map<String, Long> expected = new TreeMap<>(named);
      long before = toBackends(bed);
      steered(bed).forEach((server, packets) -> expected.merge(server, packets, Long::sum));
      Json sent =
          SwitchBed.end(
              bed.client(
                  "udpload",
                  "--answers",
                  "--ports",
                  "" + FLOWS,
                  "--first-port",
                  "40001",
                  "--count",
                  "" + FLOWS * EACH,
                  "--pps",
                  "400"));
      assertEquals(0, sent.number("unanswered"), sent::toString);
      assertEquals(0, sent.number("flows_changed"), sent::toString);
      assertEquals(named, sent.numbers("servers"));
      assertEquals(before + FLOWS * EACH, toBackends(bed), () -> reasons(bed).toString());
      assertEquals(expected, steered(bed), "counted for the backends");
      assertEquals(0, lbd.stop().exit(), lbd::err);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldSendNewConnectionsOnlyToActiveBackends(Carrier carrier) {
    try (SwitchBed bed = bed();
        RunningCommand lbd = bed.lbd(carrier.options)) {
      assertEquals(Set.of("s2", "s3"), bed.connect(40).keySet());
      bed.magctl("deactivate", "s3").orFail();
      assertEquals(Map.of("s2", 40L), bed.connect(40));
      bed.magctl("activate", "s3").orFail();
      assertEquals(Set.of("s2", "s3"), bed.connect(40).keySet());
      assertEquals(0, lbd.stop().exit(), lbd::err);
    }
  }

  /** The later ones come first, so each datagram waits for what names its backend. */
  @ParameterizedTest
  @EnumSource
  void shouldKeepFragmentsTogetherWhereTheirFlowBelongs(Carrier carrier) {
    try (SwitchBed bed = bed();
        RunningCommand lbd = bed.lbd(carrier.options);
        RunningCommand s2 = sink(bed, "s2");
        RunningCommand s3 = sink(bed, "s3")) {
      meetNeighbours(bed);
      Map<String, Long> expected = new TreeMap<>(Map.of("s2", 0L, "s3", 0L));
      for (int i = 0; i < FLOWS; i++) {
        expected.merge(named(bed, FRAGMENT_PORT + i, SINK_PORT), (long) EACH, Long::sum);
      }
      String[] options = {
        "--from", "10.0.0.1/32", "--ports", "" + FLOWS, "--order", "reversed", "--pps", "200"
      };
      List<String> all = new ArrayList<>(List.of(options));
      all.addAll(List.of("--count", "" + FLOWS * EACH, SwitchBed.VIP, "" + SINK_PORT));
      SwitchBed.end(bed.start("c1", "fragload", all.toArray(String[]::new)));
      Await.until(
          "all fragments were decided",
          () -> reasons(bed).getOrDefault("fragment-followed", 0L) == 2L * FLOWS * EACH);
      Map<String, Long> reasons = reasons(bed);
      assertEquals(FLOWS * EACH, reasons.get("fragment-first"), reasons::toString);
      assertTrue(reasons.get("fragment-held") > 0, reasons::toString);
      assertEquals(reasons.get("fragment-held"), reasons.get("fragment-released"));
      assertEquals(expected.get("s2"), received(s2));
      assertEquals(expected.get("s3"), received(s3));
      assertEquals(0, lbd.stop().exit(), lbd::err);
    }
  }

  private static RunningCommand sink(SwitchBed bed, String host) {
    RunningCommand sink = bed.start(host, "udpsink", "--port", "" + SINK_PORT);
    Await.until(
        "the sink listens", () -> bed.on(host, "ss", "-Hlnu").out().contains(":" + SINK_PORT));
    return sink;
  }

  private static long received(RunningCommand sink) {
    return Json.lastLine(sink.stop().orFail().out()).number("received");
  }

  /** A client without a socket for the answer tells the server so, by way of the VIP. */
  @ParameterizedTest
  @EnumSource
  void shouldBringErrorsToTheServerThatTheyAreAbout(Carrier carrier) {
    try (SwitchBed bed = bed();
        RunningCommand lbd = bed.lbd(carrier.options)) {
      Map<String, Long> before = unreachables(bed);
      SwitchBed.end(
          bed.start(
              "c1",
              "fragload",
              "--from",
              "10.0.0.1/32",
              "--size",
              "100",
              "--count",
              "1",
              SwitchBed.VIP,
              "8080"));
      Await.until("the error was given to a backend", () -> errors(bed) == 1);
      String server =
          steered(bed).entrySet().stream()
              .filter(each -> each.getValue() > 0)
              .map(Map.Entry::getKey)
              .reduce((_, _) -> "several")
              .orElseThrow();
      Map<String, Long> expected = new TreeMap<>(before);
      expected.merge(server, 1L, Long::sum);
      Await.until("the server was told", () -> unreachables(bed).equals(expected));
      assertTrue(Set.of("s2", "s3").contains(server), server);
      assertEquals(0, lbd.stop().exit(), lbd::err);
    }
  }

  /** Where flows are remembered, an error of one is a packet of it. */
  private static long errors(SwitchBed bed) {
    Map<String, Long> reasons = reasons(bed);
    return reasons.getOrDefault("forwarded-icmp-error", 0L)
        + reasons.getOrDefault("followed-flow", 0L);
  }

  /** How many "destination unreachable" each server has got. */
  private static Map<String, Long> unreachables(SwitchBed bed) {
    Map<String, Long> counts = new TreeMap<>();
    for (String server : List.of("s2", "s3")) {
      List<String> lines =
          bed.on(server, "grep", "^Icmp:", "/proc/thread-self/net/snmp")
              .orFail()
              .out()
              .lines()
              .toList();
      int at = List.of(lines.getFirst().split(" ")).indexOf("InDestUnreachs");
      counts.put(server, Long.parseLong(lines.getLast().split(" ")[at]));
    }
    return counts;
  }
}
