package io.synlev.tests.support;

import io.synlev.control.ControlClient;
import io.synlev.state.StateDirectory;
import io.synlev.tests.support.Commands.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A balancer h9 on one Ethernet with a client c1 and servers s2 and s3, which answer c1 themselves.
 * Its kernel has the rules for queue 2 all the time; c1 sends what is for the VIP to h9, whatever
 * carries packets there.
 */
public final class SwitchBed implements AutoCloseable {
  /** Where the service is. */
  public static final String VIP = "10.0.0.10";

  private static final String PORT = "8080";
  private static final String HOST = "h9";

  private final Path directory;
  private final Lan lan;

  /** Makes the hosts and an instance with both servers, below a directory of the test's. */
  public SwitchBed(Path directory) {
    this.directory = directory;
    magctl("create", "--vip", VIP + "/32", "--backends", "s2,ipv4=10.0.0.2", "s3,ipv4=10.0.0.3")
        .orFail();
    lan = new Lan("c1", "s2", "s3", HOST);
    for (String server : List.of("s2", "s3")) {
      lan.hide(server, VIP + "/32");
      lan.serve(server, Integer.parseInt(PORT));
    }
    lan.ip("c1", "route add " + VIP + "/32 via 10.0.0.9");
    for (String off : List.of("rp_filter", "send_redirects")) {
      for (String device : List.of("all", "eth")) {
        sysctl("net.ipv4.conf." + device + "." + off + "=0");
      }
    }
    sysctl("net.ipv4.ip_forward=1");
  }

  private void sysctl(String setting) {
    lan.run(HOST, "sysctl", "-qw", setting).orFail();
  }

  /**
   * Has the kernel's packets to the VIP put into queue 2, and marked ones sent to their servers.
   *
   * @param offload none, tc or conntrack
   */
  public void installRules(String offload, String... more) {
    String rules = Requirements.home().resolve("iptables/lbrules").toString();
    List<String> command = new ArrayList<>(List.of(rules, "install", "--offload", offload));
    command.addAll(List.of("--instance", "t", "--vip", VIP + "/32"));
    command.addAll(List.of("--backend", "1=10.0.0.2", "--backend", "2=10.0.0.3"));
    command.addAll(List.of(more));
    lan.run(HOST, command.toArray(String[]::new)).orFail();
  }

  /** Has servers send their answers by the balancer, where conntrack sees them. */
  public void routeAnswersThroughBalancer() {
    for (String server : List.of("s2", "s3")) {
      lan.ip(server, "route add 10.0.0.1/32 via 10.0.0.9");
    }
  }

  /** The {@code --dpdk} options for a driver on the balancer's interface. */
  public static List<String> options(String driver) {
    return List.of(
        "port=" + driver + "0,iface=eth",
        "driver=" + driver + ",net_ring",
        "hugepages=64",
        "flows=65536",
        "idle=50",
        "own-ipv4=10.0.0.11/24",
        "answer-vips=off");
  }

  /** Options as arguments of lbd or magctl. */
  public static List<String> arguments(List<String> options) {
    return options.stream().flatMap(option -> List.of("--dpdk", option).stream()).toList();
  }

  /** Starts lbd on the balancer and waits until it serves. */
  public RunningCommand lbd(List<String> more) {
    List<String> command = new ArrayList<>(List.of(launcher(), "lbd"));
    command.addAll(more);
    RunningCommand lbd = lan.start(HOST, environment(), command.toArray(String[]::new));
    Await.until(
        "lbd is ready",
        () -> {
          if (!lbd.isAlive()) {
            throw new AssertionError(lbd.err());
          }
          return lbd.err().contains("ready: ");
        });
    return lbd;
  }

  /** Runs magctl. */
  public Result magctl(String... command) {
    List<String> all = new ArrayList<>(List.of(launcher(), "magctl"));
    all.addAll(List.of(command));
    return Commands.run(all, environment());
  }

  /** Runs the launcher on the balancer, to its end. */
  public Result onBalancer(String... command) {
    List<String> all = new ArrayList<>(List.of(launcher()));
    all.addAll(List.of(command));
    try (RunningCommand running = lan.start(HOST, environment(), all.toArray(String[]::new))) {
      return running.waitFor();
    }
  }

  /** Switches, and returns what {@code --json} says. */
  public Json switchTo(String datapath, String... more) {
    List<String> command = new ArrayList<>(List.of("datapath", datapath, "--json"));
    command.addAll(List.of(more));
    return Json.parse(magctl(command.toArray(String[]::new)).orFail().out());
  }

  /** Calls the daemon without magctl. */
  public Json call(String method, Map<String, Object> parameters) {
    return Json.of(ControlClient.ask(stateDirectory(), method, parameters));
  }

  public StateDirectory stateDirectory() {
    return new StateDirectory(directory.resolve("state"), "t");
  }

  /** Connections one after the other, each asking once; none fails. How many each server had. */
  public Map<String, Long> connect(int count) {
    Json report = end(client("tcpload", "--strict", "--count", "" + count));
    return report.numbers("servers");
  }

  /** Starts a program of tests/peers on the client, for the service. */
  public RunningCommand client(String program, String... options) {
    List<String> command = new ArrayList<>(List.of(Lab.peer(program)));
    command.addAll(List.of(options));
    command.addAll(List.of(VIP, PORT));
    return lan.start("c1", Map.of(), command.toArray(String[]::new));
  }

  /** Connections that stay open and ask twenty times a second, once each was answered. */
  public RunningCommand hold(int connections) {
    RunningCommand held = client("tcpload", "--hold", "" + connections, "--interval", "0.05");
    Await.until("connections established", () -> held.out().contains("established"));
    return held;
  }

  /** How many connections to the service the client's kernel has that are established. */
  public long heldConnections() {
    String command = "ss -Htn state established dst " + VIP;
    return lan.run("c1", command.split(" ")).orFail().out().lines().count();
  }

  /** What a program reports at its end, which comes by itself. */
  public static Json end(RunningCommand running) {
    try (running) {
      return Json.lastLine(running.waitFor().orFail().out());
    }
  }

  /** Runs a command on a host: c1, s2 or s3. */
  public Result on(String host, String... command) {
    return lan.run(host, command);
  }

  /** Starts a program of tests/peers on a host. */
  public RunningCommand start(String host, String program, String... options) {
    List<String> command = new ArrayList<>(List.of(Lab.peer(program)));
    command.addAll(List.of(options));
    return lan.start(host, Map.of(), command.toArray(String[]::new));
  }

  /** How many packets the balancer's kernel has forwarded. */
  public long forwardedByKernel() {
    List<String> ip =
        lan.run(HOST, "grep", "^Ip:", "/proc/thread-self/net/snmp").orFail().out().lines().toList();
    int at = List.of(ip.getFirst().split(" ")).indexOf("ForwDatagrams");
    return Long.parseLong(ip.getLast().split(" ")[at]);
  }

  /** Whether an XDP program is on the balancer's interface. */
  public boolean hasXdp() {
    return lan.ip(HOST, "link show dev eth").out().contains("xdp");
  }

  /** Whether a tc program is there. */
  public boolean hasTc() {
    return !lan.run(HOST, "tc", "filter", "show", "dev", "eth", "ingress").out().isBlank();
  }

  private static String launcher() {
    return Requirements.home().resolve("synlev").toString();
  }

  /** Where the instance is, and what ends with the machine. */
  private Map<String, String> environment() {
    return Map.of(
        "SYNLEV_STATE_DIR",
        directory.resolve("state").toString(),
        "SYNLEV_RUN_DIR",
        directory.resolve("run").toString(),
        "SYNLEV_INSTANCE",
        "t");
  }

  /** Another instance's lbd on queue 2 of the balancer. */
  public RunningCommand other() {
    magctl("create", "--instance", "u", "--vip", "10.0.0.99/32", "--backends", "x,ipv4=10.0.0.2")
        .orFail();
    return lbd(List.of("--instance", "u"));
  }

  @Override
  public void close() {
    String rules = Requirements.home().resolve("iptables/lbrules").toString();
    Result ignored =
        Commands.run(
            List.of(
                "nsenter",
                "--net=/run/netns/" + lan + HOST,
                "--",
                rules,
                "remove",
                "--instance",
                "t"),
            environment());
    lan.close();
  }
}
