package io.synlev.fastpath;

import io.synlev.dpdk.DpdkException;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.FlowRule;
import io.synlev.dpdk.Port;
import io.synlev.state.Prefix;
import java.io.IOException;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Has a NIC itself tell packets to services, and replies to sources of translated packets, from all
 * others: rules of rte_flow bring the former to our queues, and in isolated mode the latter stay
 * with the kernel, where the NIC's driver shares it with the kernel. Where it does not, or the
 * driver refuses, the port gets all packets, and software tells. One thread at a time.
 */
final class Isolation implements VipFollower {

  /** What is asked of the NIC. */
  enum Mode {
    /** Rules where the driver takes them. */
    AUTO,
    OFF,
    /** Rules, or no start. */
    REQUIRED
  }

  /** Drivers beside which the kernel's own goes on: doc/guides of DPDK 22.11, "bifurcated". */
  private static final Set<String> SHARING = Set.of("mlx5_pci", "net_mlx4", "net_mana");

  /** Asked for to see whether rules are taken: RFC 5737. */
  private static final byte[] NOBODY = {(byte) 192, 0, 2, 1};

  private final Eal eal;
  private final Mode mode;
  private final int[] queues;
  private final List<Prefix> sources;
  private final Map<Prefix, FlowRule> rules = new LinkedHashMap<>();
  private Port port;
  private List<Prefix> known;
  private String refusal = "";
  private boolean isIsolated;

  /**
   * Makes one.
   *
   * @param sources of translated packets, to which backends reply
   */
  Isolation(Eal eal, Mode mode, int workers, List<Prefix> sources) {
    this.eal = eal;
    this.mode = mode;
    this.sources = sources;
    queues = IntStream.range(0, workers).toArray();
  }

  /**
   * Asks the driver, before the port is configured.
   *
   * @throws DpdkException if it refuses and must not
   */
  void before(Port itsPort) throws DpdkException {
    port = itsPort;
    if (mode == Mode.OFF) {
      refusal = "isolation=off";
      return;
    }
    String said = FlowRule.isolate(eal, port, true);
    if (said.isEmpty() && !SHARING.contains(port.info().driver())) {
      String ignored = FlowRule.isolate(eal, port, false);
      said = "its driver shares the port with nobody";
    }
    isIsolated = said.isEmpty();
    refuse(said);
  }

  /**
   * Sees whether the port takes rules, once it is started; if not, it gets all packets again.
   *
   * @throws DpdkException if it refuses and must not
   */
  void started() throws DpdkException {
    if (!isIsolated) {
      return;
    }
    FlowRule rule = new FlowRule(NOBODY, NOBODY.length * Byte.SIZE, queues);
    String said = rule.create(eal, port);
    rule.destroy(eal, port);
    if (!said.isEmpty()) {
      isIsolated = false;
      port.stop();
      String ignored = FlowRule.isolate(eal, port, false);
      port.start();
    }
    refuse(said);
  }

  private void refuse(String said) throws DpdkException {
    refusal = said;
    if (mode == Mode.REQUIRED && !said.isEmpty()) {
      throw new DpdkException(
          "isolation=required, and port %s (driver %s) refuses: %s"
              .formatted(port.name(), port.info().driver(), said),
          "use isolation=auto, or a NIC whose driver takes rules beside the kernel");
    }
  }

  @Override
  public void take(List<Prefix> vips) throws IOException {
    if (!isIsolated || vips == known) {
      return;
    }
    List<Prefix> wanted = Stream.concat(vips.stream(), sources.stream()).toList();
    for (Prefix gone : List.copyOf(rules.keySet())) {
      if (!wanted.contains(gone)) {
        rules.get(gone).destroy(eal, port);
        rules.remove(gone);
      }
    }
    for (Prefix each : wanted) {
      if (!rules.containsKey(each)) {
        add(each);
      }
    }
    known = vips;
  }

  private void add(Prefix prefix) throws IOException {
    InetAddress first = prefix.firstAddress();
    FlowRule rule = new FlowRule(first.getAddress(), prefix.length(), queues);
    String said = rule.create(eal, port);
    if (!said.isEmpty()) {
      throw new DpdkException(
          "port " + port.name() + " takes no rule for " + prefix + ": " + said,
          "the kernel gets its packets; isolation=off brings the port all");
    }
    rules.put(prefix, rule);
  }

  @Override
  public void letGo() throws IOException {
    for (FlowRule rule : rules.values()) {
      rule.destroy(eal, port);
    }
    rules.clear();
    known = null;
  }

  /** How many rules the NIC has; empty if it has no part in it. */
  String describe() {
    return isIsolated
        ? "rte_flow, rules: %d; all other packets stay with the kernel".formatted(rules.size())
        : "";
  }

  /** Why the NIC has no part in it. */
  String refusal() {
    return refusal;
  }
}
