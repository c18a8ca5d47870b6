package io.synlev.tests.support;

import io.synlev.tests.support.Commands.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A client, a balancer and servers in network namespaces; closing it removes all of it. */
public final class Lab implements AutoCloseable {
  /** The node with the balancer. */
  public static final String LB = "lb";

  /** The node whose addresses are the clients'. */
  public static final String CLIENT = "client";

  /** The router that spreads flows, where there are several balancers. */
  public static final String ECMP = "ecmp";

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name;
  private final int servers;

  private Lab(String name, int servers) {
    this.name = name;
    this.servers = servers;
  }

  /**
   * Makes a lab with a name of its own.
   *
   * @param options more of {@code lab up}, such as {@code --narrow 1300}
   */
  public static Lab up(ReturnMode mode, int servers, String... options) {
    Lab lab = toBeMade(servers);
    List<String> command = new ArrayList<>(List.of("up", lab.name, "--return", mode.word()));
    command.addAll(List.of("--backends", "" + servers));
    command.addAll(List.of(options));
    script(command.toArray(String[]::new)).orFail();
    return lab;
  }

  /** A lab with a name of its own that somebody else makes, or not; closing removes it if so. */
  public static Lab toBeMade(int servers) {
    String name = "t" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    Lab lab = new Lab(name, servers);
    Cleanup.register(lab);
    return lab;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Names of the servers' nodes, in the order of their numbers, which start with 1. */
  public List<String> servers() {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= servers; i++) {
      names.add("s" + i);
    }
    return names;
  }

  /** Runs a command on a node. */
  public Result run(String node, String... command) {
    return Commands.run(on(node, List.of(command)), environment(node));
  }

  /** Starts a command on a node. */
  public RunningCommand start(String node, List<String> command, Map<String, String> environment) {
    Map<String, String> both = new java.util.HashMap<>(environment(node));
    both.putAll(environment);
    return Commands.start(on(node, command), both);
  }

  /** Starts a command on a node. */
  public RunningCommand start(String node, String... command) {
    return start(node, List.of(command), Map.of());
  }

  /** A program of the test peers. */
  public static String peer(String program) {
    return Requirements.home().resolve("tests/peers/target").resolve(program).toString();
  }

  /** A kernel counter of a node, such as {@code TcpExt TCPSynRetrans}. */
  public long kernelCounter(String node, String group, String counter) {
    String[] lines =
        run(node, "cat", "/proc/net/netstat", "/proc/net/snmp").orFail().out().split("\n");
    for (int i = 0; i + 1 < lines.length; i++) {
      if (lines[i].startsWith(group + ": ")) {
        List<String> names = List.of(lines[i].split(" "));
        if (names.contains(counter)) {
          return Long.parseLong(lines[i + 1].split(" ")[names.indexOf(counter)]);
        }
      }
    }
    throw new AssertionError("no counter " + group + " " + counter + " on " + node);
  }

  // The process becomes the command itself, so its number and its end are the command's.
  private List<String> on(String node, List<String> command) {
    List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + namespace(node), "--"));
    all.addAll(command);
    return all;
  }

  /** The file by which a node's network namespace can be entered. */
  public Path namespace(String node) {
    return Path.of("/run/netns", name + "-" + node);
  }

  private Map<String, String> environment(String node) {
    Path run = Path.of("/run/synlev-lab", name, "run", node); // as lab exec says
    return Map.of("LAB_NAME", name, "LAB_NODE", node, "SYNLEV_RUN_DIR", run.toString());
  }

  @Override
  public void close() {
    if (Files.exists(Path.of("/run/synlev-lab", name))) {
      script("down", name).orFail();
    }
    Cleanup.forget(this);
  }

  private static Result script(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Requirements.home().resolve("tests/lab/lab").toString());
    command.addAll(List.of(arguments));
    return Commands.run(command);
  }

  @Override
  public String toString() {
    return "lab " + name;
  }
}
