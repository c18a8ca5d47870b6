package io.synlev.tests.support;

import io.synlev.tests.support.Commands.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hosts on one Ethernet: each is a network namespace with an interface {@code eth} to a switch,
 * which is one, too. Host n has 10.0.0.n/24 and fd00::n/64. Closing removes all of it, and kills
 * what runs there.
 */
public final class Lan implements AutoCloseable {
  /** The namespace with the bridge {@code bridge0}. */
  public static final String SWITCH = "switch";

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String prefix =
      "synlev-lan" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-";
  private final List<String> nodes = new ArrayList<>();

  /** Makes the switch and hosts; their numbers are those behind their names' letters. */
  public Lan(String... hosts) {
    Cleanup.register(this);
    try {
      add(SWITCH);
      ip(SWITCH, "link add bridge0 type bridge");
      ip(SWITCH, "link set bridge0 up");
      for (String host : hosts) {
        plug(host);
      }
    } catch (AssertionError e) {
      close();
      throw e;
    }
  }

  private void add(String node) {
    Commands.run(List.of("ip", "netns", "add", prefix + node)).orFail();
    nodes.add(node);
    ip(node, "link set lo up");
    run(node, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0").orFail();
  }

  private void plug(String host) {
    add(host);
    // One queue: AF_XDP sockets are bound to queues. Checksums in the packets: DPDK sees bytes.
    ip(
        SWITCH,
        "link add "
            + host
            + " numrxqueues 1 numtxqueues 1 type veth peer name eth numrxqueues 1 numtxqueues 1"
            + " netns "
            + prefix
            + host);
    ip(SWITCH, "link set " + host + " master bridge0 up");
    run(host, ("ethtool -K eth tx off rx off tso off gso off gro off").split(" ")).orFail();
    ip(host, "link set eth up");
    String number = host.replaceAll("[^0-9]", "");
    if (!number.isEmpty()) {
      ip(host, "address add 10.0.0." + number + "/24 dev eth");
      ip(host, "address add fd00::" + number + "/64 dev eth nodad");
    }
  }

  /** Gives a host VIPs as servers behind a balancer have them: nobody else hears of it. */
  public void hide(String host, String... vips) {
    run(host, "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2")
        .orFail();
    for (String vip : vips) {
      ip(host, "address add " + vip + " dev lo" + (vip.contains(":") ? " nodad" : ""));
    }
  }

  /** Starts whoserver on a host, which answers its name; when this returns, it listens. */
  public void serve(String host, int port) {
    run(
            host,
            Lab.peer("whoserver"),
            "--name",
            host,
            "--port",
            "" + port,
            "--background",
            "--out",
            "/dev/null")
        .orFail();
  }

  /** Runs ip(8) on a node. */
  public Result ip(String node, String command) {
    List<String> all = new ArrayList<>(List.of("ip", "-n", prefix + node));
    all.addAll(List.of(command.split(" ")));
    return Commands.run(all).orFail();
  }

  /** The Ethernet address of a node's interface. */
  public String mac(String node, String device) {
    return ip(node, "-brief link show dev " + device).out().strip().split("\\s+")[2];
  }

  /** Runs a command on a node. */
  public Result run(String node, String... command) {
    return Commands.run(on(node, command));
  }

  /** Starts a command on a node. */
  public RunningCommand start(String node, Map<String, String> environment, String... command) {
    return Commands.start(on(node, command), environment);
  }

  private List<String> on(String node, String... command) {
    List<String> all =
        new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + prefix + node, "--"));
    all.addAll(List.of(command));
    return all;
  }

  @Override
  public void close() {
    for (String node : nodes.reversed()) {
      for (String pid :
          Commands.run(List.of("ip", "netns", "pids", prefix + node)).out().split("\\s+")) {
        if (!pid.isEmpty()) {
          ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
      }
      Commands.run(List.of("ip", "netns", "delete", prefix + node));
    }
    nodes.clear();
    Cleanup.forget(this);
  }

  @Override
  public String toString() {
    return prefix;
  }
}
