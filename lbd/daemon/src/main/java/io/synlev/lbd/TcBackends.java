package io.synlev.lbd;

import io.synlev.bpf.TcOffload;
import io.synlev.bpf.VipFilter;
import io.synlev.ffi.NativeException;
import io.synlev.netlink.Route;
import io.synlev.netlink.RouteLookup;
import io.synlev.state.Backend;
import io.synlev.state.Configuration;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps what the tc program knows of backends as the instance and the host's routes have it: which
 * marks are there, and for redirection where each mark leads.
 *
 * <p>All backends of all pools are there, whatever their state: only one that is removed loses its
 * flows. Calls are serialized inside; any thread may make them.
 */
final class TcBackends implements AutoCloseable {
  private static final Logger LOG = System.getLogger(TcBackends.class.getName());
  private static final long NEVER = -1;

  /** A backend's mark, and an address that clients reach it by; null where there is none. */
  private record Destination(InetAddress ipv4, InetAddress ipv6) {}

  private final Instance instance;
  private final TcOffload offload;
  private final RouteLookup lookup;
  private Map<Integer, Destination> destinations = Map.of();
  private long epochSeen = NEVER;

  /**
   * Makes one for the calling thread's network namespace.
   *
   * @param isRedirecting whether the program needs next hops
   */
  TcBackends(Instance instance, TcOffload offload, boolean isRedirecting) throws NativeException {
    this.instance = instance;
    this.offload = offload;
    this.lookup = isRedirecting ? RouteLookup.open() : null;
  }

  /** Takes what was published since the last call. */
  synchronized void refresh() {
    long epoch = instance.epoch();
    if (epoch == epochSeen) {
      return;
    }
    epochSeen = epoch; // what cannot be taken now is said once, not at each look
    try {
      take(instance.configuration());
    } catch (StateException | IllegalStateException e) {
      LOG.log(Level.ERROR, "tc offload: " + e.getMessage());
    }
    routesChanged();
  }

  private void take(Configuration configuration) {
    Map<Integer, Long> identities = new HashMap<>();
    Map<Integer, Destination> next = new HashMap<>();
    for (PoolFile file : configuration.pools()) {
      Destination destination = destination(configuration, file.name());
      for (PoolSnapshot.Member member : instance.snapshot(file.name()).members()) {
        int mark = member.backend().fwmark();
        identities.put(mark, Backend.identity(file.name(), member.backend().name()));
        next.put(mark, destination);
      }
    }
    offload.backends().setAll(identities);
    destinations = next;
    offload
        .vips()
        .set(
            configuration.services().stream()
                .flatMap(service -> service.vips().stream())
                .map(vip -> new VipFilter.Prefix(vip.firstAddress(), vip.length()))
                .toList());
  }

  private static Destination destination(Configuration configuration, String pool) {
    InetAddress ipv4 = null;
    InetAddress ipv6 = null;
    for (Service service : configuration.services()) {
      for (Prefix vip : service.pool().equals(pool) ? service.vips() : List.<Prefix>of()) {
        if (vip.ipv6()) {
          ipv6 = vip.firstAddress();
        } else {
          ipv4 = vip.firstAddress();
        }
      }
    }
    return new Destination(ipv4, ipv6);
  }

  /** Asks anew where each mark leads. Until a route is there, packets are marked only. */
  synchronized void routesChanged() {
    if (lookup == null) {
      return;
    }
    try {
      for (Map.Entry<Integer, Destination> backend : destinations.entrySet()) {
        route4(backend.getKey(), backend.getValue().ipv4());
        route6(backend.getKey(), backend.getValue().ipv6());
      }
    } catch (NativeException e) {
      LOG.log(Level.ERROR, "tc offload: next hops stay as they were: " + e.getMessage());
    }
  }

  private void route4(int mark, InetAddress vip) throws NativeException {
    InetAddress nextHop = null;
    int device = 0;
    if (vip != null) {
      Route route = lookup.find(vip, mark);
      nextHop = route.nextHop();
      device = route.interfaceIndex();
    }
    if (nextHop == null || nextHop instanceof Inet6Address) {
      offload.backends().route4(mark, 0, 0);
    } else {
      offload.backends().route4(mark, device, ByteBuffer.wrap(nextHop.getAddress()).getInt());
    }
  }

  private void route6(int mark, InetAddress vip) throws NativeException {
    Route route = vip == null ? null : lookup.find(vip, mark);
    if (route != null && route.nextHop() instanceof Inet6Address nextHop) {
      ByteBuffer address = ByteBuffer.wrap(nextHop.getAddress());
      offload.backends().route6(mark, route.interfaceIndex(), address.getLong(), address.getLong());
    } else {
      offload.backends().route6(mark, 0, 0, 0);
    }
  }

  @Override
  public synchronized void close() {
    if (lookup != null) {
      lookup.close();
    }
    // A call that comes later finds nothing to do.
    destinations = Map.of();
  }
}
