package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import java.util.List;

/** All checks, in the order in which a packet would meet with what they look at. */
public final class Checks {
  private Checks() {}

  /** All of them. */
  public static List<Check> all() {
    return List.of(
        new StateFilesCheck(),
        new StateLayoutCheck(),
        new MemoryCheck(),
        new RemoveIpcCheck(),
        new DaemonCheck(),
        new CapabilitiesCheck(),
        new KernelCheck(),
        new LibrariesCheck(),
        new LinksCheck(),
        new RulesCheck(),
        new QueuesCheck(),
        new ForwardingCheck(),
        new ReversePathCheck(),
        new RedirectsCheck(),
        new ConntrackCheck(),
        new AddressesCheck(),
        new TablesCheck(),
        new PoolsCheck(),
        new BackendRoutesCheck(),
        new NeighboursCheck(),
        new BackendHostsCheck(),
        new ReceiveOffloadsCheck(),
        new HugePagesCheck());
  }
}
