package io.synlev.magctl.doctor;

import io.synlev.state.StateDirectory;
import java.util.List;
import java.util.function.Supplier;

/**
 * All that the checks look at, gathered at once.
 *
 * @param host files of this host
 * @param programs for what only some checks want to know
 * @param state what shared memory says
 * @param daemon what the daemon says
 * @param network interfaces, routes, neighbours
 * @param rules what lbrules says
 * @param namespaces names of network namespaces in which backends live, as given
 */
public record Facts(
    Host host,
    Programs programs,
    StateFacts state,
    DaemonFacts daemon,
    Network network,
    InstalledRules rules,
    List<String> namespaces) {

  /**
   * Gathers them. Programs run side by side, and while files are read.
   *
   * @param lbrules the program
   * @param plain makes what {@code magctl show --plain} prints of a state that can be read
   * @param namespaces see {@link Facts}
   */
  public static Facts gather(
      Host host,
      Programs programs,
      StateDirectory directory,
      String lbrules,
      Supplier<String> plain,
      List<String> namespaces) {
    StateFacts state = StateFacts.of(directory);
    Supplier<InstalledRules> rules =
        InstalledRules.begin(
            programs, lbrules, directory.instance(), state.isReadable() ? plain.get() : "");
    Supplier<Network> network = Network.begin(programs);
    DaemonFacts daemon = state.isServed() ? DaemonFacts.ask(directory) : DaemonFacts.NONE;
    return new Facts(host, programs, state, daemon, network.get(), rules.get(), namespaces);
  }

  /** Whether packets come by netfilter's queues: with dpdk they do not. */
  public boolean usesQueues() {
    return !daemon.datapath().equals("dpdk");
  }

  /** Whether the tc program takes part. */
  public boolean usesTc() {
    return rules.mode().equals("tc") || daemon.offload().equals("tc");
  }

  /** Whether conntrack takes part. */
  public boolean usesConntrack() {
    return rules.needsConntrack() || daemon.offload().equals("conntrack");
  }

  /** Interfaces by which backends are reached, as far as the kernel tells, without doubles. */
  public List<String> backendDevices() {
    return network.routes().stream()
        .filter(route -> route.isOurs() && route.device() != null)
        .map(Network.TableRoute::device)
        .distinct()
        .toList();
  }

  /** Interfaces where clients' packets come in: those of the rules, or all with a carrier. */
  public List<String> clientDevices() {
    if (!rules.interfaces().isEmpty()) {
      return rules.interfaces();
    }
    return network.links().stream()
        .filter(link -> !link.name().equals("lo") && link.isUp())
        .map(Network.Link::name)
        .toList();
  }
}
