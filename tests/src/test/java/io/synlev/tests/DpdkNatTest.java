package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.ControlClient;
import io.synlev.state.StateDirectory;
import io.synlev.tests.support.Await;
import io.synlev.tests.support.Commands;
import io.synlev.tests.support.Commands.Result;
import io.synlev.tests.support.Dpdk;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Lan;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.RunningCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plain clients c1 and c4, plain servers s2 and s3: no VIP, no tunnel, no route of theirs is
 * special. The balancer has the VIPs 10.0.0.10 and fd00::10, and 10.0.0.50 and fd00::50, from which
 * the servers see all packets come.
 */
@ExtendWith(Requirements.class)
class DpdkNatTest {
  private static final String VIP = "10.0.0.10";
  private static final String VIP6 = "fd00::10";
  private static final int PORT = 8080;

  /** Nobody listens there. */
  private static final int CLOSED = 7777;

  private static final int DOWNLOAD = 9000;
  private static final int CHECKSUM = 9001;
  private static final int MEGABYTES = 8;

  @TempDir Path directory;

  @BeforeEach
  void needDpdk() {
    Dpdk.require("net_tap");
    synlev(
            "magctl",
            "create",
            "--forwarding",
            "nat",
            "--vip",
            VIP + "/32",
            VIP6 + "/128",
            "--backends",
            "s2,ipv4=10.0.0.2,ipv6=fd00::2",
            "s3,ipv4=10.0.0.3,ipv6=fd00::3")
        .orFail();
  }

  @Test
  void shouldServePlainClientsFromPlainServers() throws Exception {
    long hugePages = Dpdk.hugePages();
    try (Lan lan = lan();
        RunningCommand lbd = start(lan, "port=net_tap0,iface=lb", "nat-sources=" + sources())) {
      plug(lan, "lb", "bridge0");
      for (String address : List.of(VIP, VIP6, "10.0.0.50", "fd00::50")) {
        lan.run("c1", "ping", "-n", "-c2", "-i0.01", "-w20", address).orFail();
      }
      for (String client : List.of("c1", "c4")) {
        shouldReachBothServers(lan, client, VIP);
        shouldReachBothServers(lan, client, VIP6);
      }
      shouldCarryEveryByte(lan, VIP);
      shouldCarryEveryByte(lan, "[" + VIP6 + "]");
      shouldTellOfClosedPorts(lan, VIP);
      shouldTellOfClosedPorts(lan, "[" + VIP6 + "]");
      shouldKeepConnectionsWhenThePoolChanges(lan);
      assertTrue(worker().number("nat-opened") > 800);
      String stats = synlev("magctl", "stats", "--flows").orFail().out();
      assertTrue(stats.contains("  nat-opened ") && stats.contains("  nat-sessions "), stats);
      assertEquals(0, worker().number("nat-no-port"));
      assertEquals(0, lbd.stop().exit(), lbd::err);
      assertFalse(lan.ip(Lan.SWITCH, "-brief link").out().contains("lb "));
    }
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  @Test
  void shouldServeFromAnotherLink() throws Exception {
    try (Lan lan = lan();
        RunningCommand lbd =
            start(
                lan,
                "port=net_tap0,iface=lb",
                "out-port=net_tap1,iface=back",
                "cores=0,1",
                "nat-sources=" + sources())) {
      lan.ip(Lan.SWITCH, "link add bridge1 type bridge");
      lan.ip(Lan.SWITCH, "link set bridge1 up");
      for (String server : List.of("s2", "s3")) {
        lan.ip(Lan.SWITCH, "link set " + server + " master bridge1");
      }
      plug(lan, "lb", "bridge0");
      plug(lan, "back", "bridge1");
      shouldReachBothServers(lan, "c1", VIP);
      shouldReachBothServers(lan, "c4", VIP6);
      shouldCarryEveryByte(lan, VIP);
      shouldTellOfClosedPorts(lan, VIP);
      shouldTellOfClosedPorts(lan, "[" + VIP6 + "]");
      assertEquals(0, lbd.stop().exit(), lbd::err);
    }
  }

  @Test
  void shouldHearRepliesBesideItsHostWithAfXdp() throws Exception {
    Dpdk.require("net_af_xdp");
    try (Lan lan = lan("h9");
        RunningCommand lbd =
            ready(
                lbd(
                    lan,
                    "h9",
                    "net_af_xdp",
                    "port=net_af_xdp0,iface=eth",
                    "nat-sources=" + sources()))) {
      shouldReachBothServers(lan, "c1", VIP);
      shouldReachBothServers(lan, "c4", VIP6);
      lan.run("c1", "ping", "-n", "-c2", "-i0.01", "-w20", "10.0.0.9").orFail();
      assertEquals(0, lbd.stop().exit(), lbd::err);
    }
  }

  @Test
  void shouldCountAndSayWhenPortsRunOut() throws Exception {
    try (Lan lan = lan();
        RunningCommand lbd =
            start(
                lan,
                "port=net_tap0,iface=lb",
                "nat-sources=10.0.0.50,fd00::50",
                "nat-ports=20000-20003")) {
      plug(lan, "lb", "bridge0");
      Json load =
          Json.lastLine(
              tcp(lan, "c1", VIP, "--count", "6", "--concurrency", "1", "--timeout", "1")
                  .waitFor()
                  .out());
      assertEquals(4, load.number("connections"), "as many as ports, which wait when it is over");
      assertEquals(2, load.number("failed"), load::toString);
      long refused = worker().number("nat-no-port");
      assertTrue(refused >= 1, "packets that got no port: " + refused);
      Json room =
          stats().objects("workers").stream()
              .filter(worker -> worker.text("worker").equals("nat"))
              .findFirst()
              .orElseThrow();
      assertEquals(0, room.number("free-tcp-ports-10.0.0.50"));
      assertEquals(4, room.number("free-udp-ports-10.0.0.50"));
      Await.until("the log says so", () -> lbd.err().contains("no source port is free"));
      shouldNotUseAConfigurationThatCannotBeServed(lbd);
      assertEquals(0, lbd.stop().exit(), lbd::err);
    }
  }

  private void shouldNotUseAConfigurationThatCannotBeServed(RunningCommand lbd) {
    Result created =
        synlev("magctl", "create", "--pool", "bad", "--vip", "10.0.0.0/24", "--backends", "b1");
    assertTrue(created.err().contains("source 10.0.0.50/32 of nat-sources"), created::err);
    Await.until("the log says so", () -> lbd.err().contains("the source 10.0.0.50/32"));
    synlev("magctl", "service", "remove", "bad").orFail();
  }

  @Test
  void shouldRefuseToServeWithoutSources() throws Exception {
    try (Lan lan = lan();
        RunningCommand lbd =
            lbd(lan, Lan.SWITCH, "net_tap", "port=net_tap0,iface=lb", "nat-sources=10.0.0.50")) {
      assertEquals(1, lbd.waitFor().exit(), lbd::err);
      assertTrue(lbd.err().contains("pool 'default' has forwarding nat"), lbd::err);
      assertTrue(lbd.err().contains("IPv6"), lbd::err);
    }
  }

  /** The hosts, and more that the balancer may be on. */
  private static Lan lan(String... more) {
    List<String> hosts = new ArrayList<>(List.of("c1", "c4", "s2", "s3"));
    hosts.addAll(List.of(more));
    Lan lan = new Lan(hosts.toArray(String[]::new));
    for (String server : List.of("s2", "s3")) {
      lan.serve(server, PORT);
    }
    return lan;
  }

  private static String sources() {
    return "10.0.0.50-10.0.0.51,fd00::50";
  }

  /** A bridge would keep frames to the tap's own address. */
  private static void plug(Lan lan, String tap, String bridge) {
    String address = "02:00:00:00:00:" + (tap.equals("lb") ? "fe" : "fd");
    lan.ip(Lan.SWITCH, "link set " + tap + " address " + address + " master " + bridge);
  }

  private void shouldReachBothServers(Lan lan, String client, String vip) {
    Set<String> servers = Set.of("s2", "s3");
    Json tcp = Json.lastLine(tcp(lan, client, vip, "--strict").waitFor().orFail().out());
    assertEquals(servers, tcp.numbers("servers").keySet());
    Json udp =
        Json.lastLine(
            lan.run(
                    client,
                    Lab.peer("udpload"),
                    "--answers",
                    "--ports",
                    "64",
                    "--count",
                    "200",
                    vip,
                    "" + PORT)
                .orFail()
                .out());
    assertEquals(servers, udp.numbers("servers").keySet());
    assertEquals(200, udp.number("answers"));
  }

  /** Both ways: a file that a server sends, and one whose checksum it says. */
  private void shouldCarryEveryByte(Lan lan, String vip) throws IOException {
    Path file = directory.resolve("file");
    byte[] bytes = new byte[MEGABYTES << 20];
    new Random(5).nextBytes(bytes);
    Files.write(file, bytes);
    String checksum = Commands.run(List.of("sha256sum", file.toString())).orFail().out();
    String family = vip.startsWith("[") ? "6" : "4";
    List<RunningCommand> servers = new ArrayList<>();
    try {
      for (String server : List.of("s2", "s3")) {
        servers.add(socat(lan, server, family, DOWNLOAD, "OPEN:" + file + ",rdonly"));
        servers.add(socat(lan, server, family, CHECKSUM, "EXEC:sha256sum"));
        for (int port : List.of(DOWNLOAD, CHECKSUM)) {
          Await.until(
              server + " listens",
              () -> lan.run(server, "ss", "-Hltn", "sport", "=", ":" + port).out().contains(":"));
        }
      }
      Path copy = directory.resolve("copy");
      String to = "TCP" + family + ":" + vip + ":";
      lan.run("c1", "socat", "-u", to + DOWNLOAD, "CREATE:" + copy).orFail();
      assertEquals(-1, Files.mismatch(file, copy), "first byte that differs");
      Result said =
          lan.run("c4", "bash", "-c", "socat -t60 - " + to + CHECKSUM + " <" + file).orFail();
      assertEquals(checksum.split(" ")[0], said.out().split(" ")[0]);
    } finally {
      servers.forEach(RunningCommand::close);
    }
  }

  private static RunningCommand socat(
      Lan lan, String server, String family, int port, String address) {
    return lan.start(
        server,
        Map.of(),
        "socat",
        "-t60",
        "TCP" + family + "-LISTEN:" + port + ",fork,reuseaddr",
        address);
  }

  /** A server's reset, and its ICMP error, come to the client that asked. */
  private static void shouldTellOfClosedPorts(Lan lan, String vip) {
    String family = vip.startsWith("[") ? "6" : "4";
    Result tcp = lan.run("c1", "socat", "-T5", "-", "TCP" + family + ":" + vip + ":" + CLOSED);
    assertTrue(tcp.err().contains("Connection refused"), tcp::err);
    Result udp =
        lan.run(
            "c1",
            "bash",
            "-c",
            "(echo one; sleep 1; echo two) | socat -T5 - UDP" + family + ":" + vip + ":" + CLOSED);
    assertTrue(udp.err().contains("Connection refused"), udp::err);
  }

  private void shouldKeepConnectionsWhenThePoolChanges(Lan lan) {
    try (RunningCommand held =
        tcp(lan, "c1", VIP, "--hold", "40", "--interval", "0.1", "--seconds", "60")) {
      Await.until("all are answered", () -> !held.out().isEmpty());
      String peers = lan.run("s2", "ss", "-Htn", "sport", "=", ":" + PORT).orFail().out();
      assertTrue(peers.contains("10.0.0.50:") || peers.contains("10.0.0.51:"), peers);
      assertFalse(peers.contains("10.0.0.1:"), "servers see the balancer: " + peers);
      assertTrue(synlev("magctl", "flows", "list").orFail().out().contains(VIP));
      synlev("magctl", "drain", "s2").orFail();
      Json load = Json.lastLine(tcp(lan, "c4", VIP, "--strict").waitFor().orFail().out());
      assertEquals(Set.of("s3"), load.numbers("servers").keySet());
      held.terminate();
      Json end = Json.lastLine(held.waitFor().orFail().out());
      assertEquals(0, end.number("broken"), end::toString);
      synlev("magctl", "activate", "s2").orFail();
    }
  }

  private static RunningCommand tcp(Lan lan, String client, String to, String... more) {
    List<String> command = new ArrayList<>(List.of(Lab.peer("tcpload"), "--count", "200"));
    command.addAll(List.of(more));
    command.addAll(List.of(to, "" + PORT));
    return lan.start(client, Map.of(), command.toArray(String[]::new));
  }

  private RunningCommand start(Lan lan, String... options) {
    return ready(lbd(lan, Lan.SWITCH, "net_tap", options));
  }

  private static RunningCommand ready(RunningCommand lbd) {
    Await.until(
        "lbd is ready",
        () -> {
          assertTrue(lbd.isAlive(), lbd::err);
          return lbd.err().contains("ready: ");
        });
    return lbd;
  }

  private RunningCommand lbd(Lan lan, String node, String driver, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(Requirements.home().resolve("synlev").toString(), "lbd", "--datapath", "dpdk"));
    List<String> all =
        new ArrayList<>(
            List.of(
                "driver=" + driver + ",net_ring",
                "hugepages=96",
                "flows=65536",
                "nat-sessions=65536",
                "idle=50",
                "own-ipv4=10.0.0.11/24",
                "own-ipv6=fd00::11/64"));
    all.addAll(List.of(options));
    for (String option : all) {
      command.addAll(List.of("--dpdk", option));
    }
    return lan.start(node, environment(), command.toArray(String[]::new));
  }

  private Json worker() {
    return stats().objects("workers").getFirst();
  }

  private Json stats() {
    return Json.of(ControlClient.ask(new StateDirectory(state(), "t"), "stats", Map.of()));
  }

  private Result synlev(String... command) {
    List<String> all = new ArrayList<>(List.of(Requirements.home().resolve("synlev").toString()));
    all.addAll(List.of(command));
    return Commands.run(all, environment());
  }

  private Path state() {
    return directory.resolve("state");
  }

  private Map<String, String> environment() {
    return Map.of("SYNLEV_STATE_DIR", state().toString(), "SYNLEV_INSTANCE", "t");
  }
}
