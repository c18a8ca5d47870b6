package io.synlev.tests.support;

import io.synlev.state.StateDirectory;
import io.synlev.tests.support.Commands.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An instance on the balancer's node of a lab: state of its own, daemons, rules. */
public final class Balancer implements AutoCloseable {
  private static final String INSTANCE = "test";

  private final Lab lab;
  private final String node;
  private final Path base;
  private final List<Daemon> daemons = new ArrayList<>();

  private Balancer(Lab lab, String node, Path base) {
    this.lab = lab;
    this.node = node;
    this.base = base;
  }

  /** A balancer without an instance. */
  public static Balancer on(Lab lab) {
    return on(lab, Lab.LB);
  }

  /** One of several balancers, without an instance. */
  public static Balancer on(Lab lab, String node) {
    try {
      Balancer balancer =
          new Balancer(lab, node, Files.createTempDirectory(Path.of("/dev/shm"), "synlev-test-"));
      Cleanup.register(balancer);
      return balancer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Creates the instance with every server of the lab as a backend and both VIPs as a service. */
  public Balancer create(String... options) {
    List<String> command = new ArrayList<>(List.of("create"));
    command.addAll(List.of(options));
    for (Family family : Family.values()) {
      command.add("--vip");
      command.add(family.vipPrefix());
    }
    command.add("--backends");
    for (int i = 1; i <= lab.servers().size(); i++) {
      command.add(
          "s%d,fwmark=%d,ipv4=%s,ipv6=%s"
              .formatted(i, i, server(Family.IPV4, i), server(Family.IPV6, i)));
    }
    magctl(command.toArray(String[]::new)).orFail();
    return this;
  }

  private String server(Family family, int number) {
    return node.equals(Lab.LB)
        ? family.server(number)
        : family.onLink(20 + BalancerTier.number(node), number);
  }

  /** Its node. */
  public String node() {
    return node;
  }

  /** Runs magctl. */
  public Result magctl(String... arguments) {
    return Commands.run(synlev("magctl", arguments), environment());
  }

  /** Starts magctl. */
  public RunningCommand startMagctl(String... arguments) {
    return Commands.start(synlev("magctl", arguments), environment());
  }

  /** Starts magctl on the balancer's node. */
  public RunningCommand startMagctlOnNode(String... arguments) {
    return lab.start(node, synlev("magctl", arguments), environment());
  }

  /**
   * Asks magctl which backends flows get.
   *
   * @param flows TCP flows as {@code SOURCE DESTINATION}
   */
  public List<String> predict(List<String> flows) {
    try {
      Path file = Files.write(base.resolve("flows"), flows);
      Json answer =
          Json.parse(magctl("lookup", "--json", "--file", file.toString()).orFail().out());
      return answer.objects("flows").stream().map(flow -> flow.text("backend")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the rule script on the balancer's node. */
  public Result rules(String... arguments) {
    try (RunningCommand rules = lab.start(node, synlev("rules", arguments), environment())) {
      return rules.waitFor();
    }
  }

  /** Installs rules. */
  public void install(ReturnMode mode, Redirect redirect, String... options) {
    List<String> command = new ArrayList<>(List.of("install", "--return", mode.word()));
    command.addAll(List.of("--mode", redirect.word(), "--interface", clients()));
    command.addAll(List.of(options));
    rules(command.toArray(String[]::new)).orFail();
  }

  /** Installs rules for flows that tc carries. */
  public void installForTc(ReturnMode mode, String... options) {
    List<String> command = new ArrayList<>(List.of("install", "--return", mode.word()));
    command.addAll(List.of("--offload", "tc", "--interface", clients()));
    command.addAll(List.of(options));
    rules(command.toArray(String[]::new)).orFail();
  }

  /**
   * Starts a daemon whose flows tc carries, and waits until it serves.
   *
   * @param mode {@code mark} or {@code redirect}
   */
  public Daemon tcDaemon(String mode, String... options) {
    List<String> all = new ArrayList<>(tcOptions(mode));
    all.addAll(List.of(options));
    return daemon(all.toArray(String[]::new));
  }

  /** The options of a daemon whose flows tc carries. */
  public List<String> tcOptions(String mode) {
    return List.of("--offload", "tc", "--offload-mode", mode, "--offload-interface", clients());
  }

  /** The interface by which clients' packets come in. */
  private String clients() {
    return node.equals(Lab.LB) ? Lab.CLIENT : Lab.ECMP;
  }

  /** Starts a daemon on the balancer's node and waits until it serves. */
  public Daemon daemon(String... options) {
    return daemon(Map.of(), options);
  }

  /** Starts a daemon with more environment variables and waits until it serves. */
  public Daemon daemon(Map<String, String> more, String... options) {
    Map<String, String> environment = new java.util.HashMap<>(environment());
    environment.putAll(more);
    Daemon daemon = Daemon.start(lab.start(node, synlev("lbd", options), environment), directory());
    daemons.add(daemon);
    return daemon;
  }

  /** Starts a daemon that takes over from the one that serves, and waits until it has. */
  public Daemon successor(String... options) {
    List<String> all = new ArrayList<>(List.of("--take-over"));
    all.addAll(List.of(options));
    RunningCommand process =
        lab.start(node, synlev("lbd", all.toArray(String[]::new)), environment());
    Daemon daemon = Daemon.succeed(process, directory());
    daemons.add(daemon);
    return daemon;
  }

  /** Where its instance lives. */
  public StateDirectory directory() {
    return new StateDirectory(base, INSTANCE);
  }

  private Map<String, String> environment() {
    return Map.of("SYNLEV_STATE_DIR", base.toString(), "SYNLEV_INSTANCE", INSTANCE);
  }

  private static List<String> synlev(String command, String... arguments) {
    List<String> all = new ArrayList<>();
    all.add(Requirements.home().resolve("synlev").toString());
    all.add(command);
    all.addAll(List.of(arguments));
    return all;
  }

  @Override
  public void close() {
    daemons.forEach(Daemon::close);
    try (Stream<Path> files = Files.walk(base)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(Balancer::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      Cleanup.forget(this);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
