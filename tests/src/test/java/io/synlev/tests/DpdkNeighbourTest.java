package io.synlev.tests;

import static java.util.stream.Collectors.toMap;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon over DPDK among real hosts on one Ethernet: clients c1 and c4, servers s2 and s3, the
 * VIPs 10.0.0.10 and fd00::10, and the balancer's own 10.0.0.11 and fd00::11. Nobody's MAC is
 * configured.
 */
@ExtendWith(Requirements.class)
class DpdkNeighbourTest {
  private static final String VIP = "10.0.0.10";
  private static final String VIP6 = "fd00::10";
  private static final String OWN = "10.0.0.11";
  private static final int PORT = 8080;

  @TempDir Path directory;

  @BeforeEach
  void needDpdk() {
    Dpdk.require("net_tap", "net_af_packet", "net_af_xdp");
    synlev(
            "magctl",
            "create",
            "--vip",
            VIP + "/32",
            VIP6 + "/128",
            "--backends",
            backend(2),
            backend(3))
        .orFail();
  }

  private static String backend(int number) {
    return "s%1$d,ipv4=10.0.0.%1$d,ipv6=fd00::%1$d".formatted(number);
  }

  /** The hosts, and one more that the balancer is on. */
  private static Lan lan(String... more) {
    List<String> hosts = new ArrayList<>(List.of("c1", "c4", "s2", "s3"));
    hosts.addAll(List.of(more));
    Lan lan = new Lan(hosts.toArray(String[]::new));
    for (String server : List.of("s2", "s3")) {
      lan.hide(server, VIP + "/32", VIP6 + "/128");
      lan.serve(server, PORT);
    }
    return lan;
  }

  @Test
  void shouldServeTheClassicCourse() throws Exception {
    long hugePages = Dpdk.hugePages();
    try (Lan lan = lan();
        RunningCommand lbd = start(lan, Lan.SWITCH, "net_tap", "net_tap0,iface=lb")) {
      // The bridge would keep frames to the tap's own address.
      String mac = lan.mac(Lan.SWITCH, "lb");
      lan.ip(Lan.SWITCH, "link set lb address 02:00:00:00:00:fe master bridge0");
      for (String address : List.of(OWN, "fd00::11", VIP, VIP6)) {
        ping(lan, "c1", address);
      }
      shouldReachBothServers(lan, "c1", VIP);
      shouldReachBothServers(lan, "c4", VIP);
      shouldReachBothServers(lan, "c1", VIP6);
      assertEquals(mac, neighbour(lan, "c1", VIP), "only the balancer answers for the VIP");
      assertEquals(mac, neighbour(lan, "c1", VIP6), "only the balancer answers for the VIP");
      // Direct return: the servers talk to the client's own Ethernet address.
      assertEquals(lan.mac("c1", "eth"), neighbour(lan, "s2", "10.0.0.1"));
      assertEquals(lan.mac("c1", "eth"), neighbour(lan, "s3", "10.0.0.1"));
      assertTrue(worker().number("waited") >= 1, "the first packet is not lost");
      assertEquals(0, worker().number("address-conflict"));
      assertTrue(worker().number("neighbour-learned") >= 2);
      shouldGiveServersTheSameNumberOfFlows(lan, "least-connections", "10.0.0.20");
      shouldGiveServersTheSameNumberOfFlows(lan, "round-robin", "10.0.0.21");
      assertEquals(0, lbd.stop().exit(), lbd::err);
      assertFalse(lan.ip(Lan.SWITCH, "-brief link").out().contains("lb "));
    }
    // A daemon that was killed before leaves its own to the next one, which gives back both.
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  private void shouldGiveServersTheSameNumberOfFlows(Lan lan, String policy, String vip) {
    for (String server : List.of("s2", "s3")) {
      lan.hide(server, vip + "/32");
    }
    synlev(
            "magctl",
            "create",
            "--pool",
            policy,
            "--policy",
            policy,
            "--vip",
            vip,
            "--backends",
            backend(2),
            backend(3))
        .orFail();
    Await.until(
        "the VIP is answered for", () -> lan.run("c1", "ping", "-c1", "-W1", vip).exit() == 0);
    assertEquals(2, udp(lan, "c1", vip, 64, 640).numbers("servers").size());
    assertEquals(
        Map.of("s2", 32L, "s3", 32L),
        Json.parse(synlev("magctl", "--json", "flows", "count").orFail().out())
            .objects("backends")
            .stream()
            .filter(backend -> backend.text("pool").equals(policy))
            .collect(
                toMap(backend -> backend.text("backend"), backend -> backend.number("flows"))));
  }

  @Test
  void shouldLeaveTheHostItsTrafficWithAfXdp() throws Exception {
    long hugePages = Dpdk.hugePages();
    try (Lan lan = lan("h9")) {
      lan.serve("h9", 22);
      try (RunningCommand lbd = start(lan, "h9", "net_af_xdp", "net_af_xdp0,iface=eth")) {
        try (RunningCommand both = tcp(lan, "c1", VIP, PORT, "--count", "2000", "--rate", "1000")) {
          Json toHost = end(tcp(lan, "c4", "10.0.0.9", 22, "--count", "500"));
          assertEquals(Map.of("h9", 500L), toHost.numbers("servers"));
          ping(lan, "c4", "10.0.0.9");
          ping(lan, "c4", "fd00::9");
          assertEquals(Set.of("s2", "s3"), end(both).numbers("servers").keySet());
        }
        ping(lan, "c4", OWN);
        shouldReachBothServers(lan, "c4", VIP6);
        assertEquals(lan.mac("h9", "eth"), neighbour(lan, "c1", VIP));
        shouldTakeVipsThatComeAndLeaveThoseThatGo(lan);
        lbd.kill();
        lbd.waitFor();
      }
      assertTrue(lan.ip("h9", "link show dev eth").out().contains("xdp"), "left by the kill");
      ping(lan, "c4", "10.0.0.9");
      try (RunningCommand next = start(lan, "h9", "net_af_xdp", "net_af_xdp0,iface=eth")) {
        shouldReachBothServers(lan, "c1", VIP);
        assertEquals(0, next.stop().exit(), next::err);
      }
      assertFalse(lan.ip("h9", "link show dev eth").out().contains("xdp"), "gone with the daemon");
    }
    // A daemon that was killed before leaves its own to the next one, which gives back both.
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  private void shouldTakeVipsThatComeAndLeaveThoseThatGo(Lan lan) {
    for (String server : List.of("s2", "s3")) {
      lan.hide(server, "10.0.0.20/32");
    }
    synlev("magctl", "service", "add", "late", "--vip", "10.0.0.20/32", "--pool", "default")
        .orFail();
    Await.until(
        "the new VIP is answered for",
        () -> lan.run("c1", "ping", "-c1", "-W1", "10.0.0.20").exit() == 0);
    shouldReachBothServers(lan, "c1", "10.0.0.20");
    synlev("magctl", "service", "remove", "late").orFail();
    Await.until(
        "the VIP that is gone is the kernel's business, which has none",
        () -> lan.run("c1", "ping", "-c1", "-W1", "10.0.0.20").exit() != 0);
  }

  @Test
  void shouldGiveTheKernelWhatIsNotOurs() throws Exception {
    long hugePages = Dpdk.hugePages();
    try (Lan lan = lan("host");
        RunningCommand lbd =
            start(
                lan,
                "host",
                "net_af_packet",
                "net_af_packet0,iface=eth",
                "--dpdk",
                "exception=tap:kernel")) {
      // The kernel hears what AF_PACKET does, and is to hear it by the exception port alone.
      lan.ip("host", "link set eth arp off");
      lan.run("host", "sysctl", "-qw", "net.ipv6.conf.eth.disable_ipv6=1").orFail();
      lan.run("host", "iptables -t raw -A PREROUTING -i eth -j DROP".split(" ")).orFail();
      lan.ip("host", "address add 10.0.0.9/24 dev kernel");
      lan.ip("host", "address add fd00::9/64 dev kernel nodad");
      lan.ip("host", "link set kernel up");
      lan.serve("host", 22);
      ping(lan, "c1", "10.0.0.9");
      ping(lan, "c1", "fd00::9");
      ping(lan, "host", "10.0.0.4");
      Json toHost = end(tcp(lan, "c4", "10.0.0.9", 22, "--count", "200"));
      assertEquals(Map.of("host", 200L), toHost.numbers("servers"));
      shouldReachBothServers(lan, "c1", VIP);
      assertEquals(lan.mac("host", "eth"), neighbour(lan, "c1", "10.0.0.9"));
      assertTrue(worker().number("passed") > 800);
      assertTrue(worker().number("from-kernel") > 800);
      assertEquals(0, lbd.stop().exit(), lbd::err);
    }
    // A daemon that was killed before leaves its own to the next one, which gives back both.
    assertTrue(Dpdk.hugePages() <= hugePages, "huge pages are given back");
  }

  private static void shouldReachBothServers(Lan lan, String client, String vip) {
    Set<String> servers = Set.of("s2", "s3");
    Json tcp = end(tcp(lan, client, vip, PORT, "--count", "200"));
    assertEquals(servers, tcp.numbers("servers").keySet());
    Json udp = udp(lan, client, vip, 64, 200);
    assertEquals(servers, udp.numbers("servers").keySet());
    assertEquals(200, udp.number("answers"));
  }

  private static Json udp(Lan lan, String client, String vip, int flows, int count) {
    return end(
        lan.start(
            client,
            Map.of(),
            Lab.peer("udpload"),
            "--answers",
            "--ports",
            "" + flows,
            "--count",
            "" + count,
            vip,
            "" + PORT));
  }

  private static RunningCommand tcp(Lan lan, String client, String to, int port, String... more) {
    List<String> command = new ArrayList<>(List.of(Lab.peer("tcpload"), "--strict"));
    command.addAll(List.of(more));
    command.addAll(List.of(to, "" + port));
    return lan.start(client, Map.of(), command.toArray(String[]::new));
  }

  private static Json end(RunningCommand running) {
    try (running) {
      return Json.lastLine(running.waitFor().orFail().out());
    }
  }

  private static void ping(Lan lan, String from, String to) {
    String said = lan.run(from, "ping", "-n", "-c3", "-i0.01", "-w20", to).orFail().out();
    assertFalse(said.contains("DUP!"), said);
  }

  /** The Ethernet address that a node has for an address. */
  private static String neighbour(Lan lan, String node, String address) {
    String said = lan.ip(node, "neighbour show " + address).out();
    return said.replaceFirst("(?s).*lladdr (\\S+) .*", "$1");
  }

  private RunningCommand start(Lan lan, String node, String driver, String port, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(Requirements.home().resolve("synlev").toString(), "lbd", "--datapath", "dpdk"));
    for (String option :
        List.of(
            "port=" + port,
            "driver=" + driver + ",net_ring",
            "hugepages=64",
            "flows=65536",
            "idle=50",
            "own-ipv4=" + OWN + "/24",
            "own-ipv6=fd00::11/64")) {
      command.addAll(List.of("--dpdk", option));
    }
    command.addAll(List.of(more));
    RunningCommand lbd = lan.start(node, environment(), command.toArray(String[]::new));
    Await.until(
        "lbd is ready",
        () -> {
          assertTrue(lbd.isAlive(), lbd::err);
          return lbd.err().contains("ready: ");
        });
    return lbd;
  }

  private Json worker() {
    return Json.of(ControlClient.ask(new StateDirectory(state(), "t"), "stats", Map.of()))
        .objects("workers")
        .getFirst();
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
