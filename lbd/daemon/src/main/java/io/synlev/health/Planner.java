package io.synlev.health;

import io.synlev.ffi.NativeException;
import io.synlev.health.Plan.PlannedBackend;
import io.synlev.health.Plan.PlannedPool;
import io.synlev.netlink.Route;
import io.synlev.netlink.RouteLookup;
import io.synlev.state.Backend;
import io.synlev.state.Configuration;
import io.synlev.state.HealthCheck;
import io.synlev.state.HealthCheck.Kind;
import io.synlev.state.Instance;
import io.synlev.state.Pool;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what is to be checked, and looks whether the marks lead to backends. For one thread, in the
 * network namespace of the thread that made it.
 */
final class Planner implements AutoCloseable {
  private final Instance instance;
  private final RouteLookup routes;

  /** What the last plan had, since most of it will be in the next one, too. */
  private Map<String, Known> last = new HashMap<>();

  /** What the kernel would do with an unmarked packet to a VIP; of one plan. */
  private final Map<InetAddress, Route> unmarked = new HashMap<>();

  Planner(Instance instance) throws NativeException {
    this.instance = instance;
    this.routes = RouteLookup.open();
  }

  private record Known(PlannedPool pool, List<InetAddress> vips) {}

  /**
   * Reads now.
   *
   * @param areRoutesNew whether routes may be others than at the last time
   * @throws StateException if a pool cannot be attached
   * @throws NativeException if the kernel tells no routes
   */
  Plan read(boolean areRoutesNew) throws NativeException {
    unmarked.clear();
    Map<String, Known> now = new HashMap<>();
    Configuration configuration = instance.configuration();
    List<PlannedPool> pools = new ArrayList<>();
    for (Map.Entry<String, HealthCheck> check : configuration.checks().entrySet()) {
      List<InetAddress> vips = vips(configuration, check.getKey(), check.getValue());
      Known known = areRoutesNew ? null : last.get(check.getKey());
      boolean isSame =
          known != null
              && known.pool.check().equals(check.getValue())
              && known.vips.equals(vips)
              && known.pool.generation() == instance.look(check.getKey(), Pool::generation);
      if (!isSame) {
        PoolSnapshot pool = instance.look(check.getKey(), Pool::snapshot);
        known = new Known(plan(pool, check.getValue(), vips), vips);
      }
      now.put(check.getKey(), known);
      pools.add(known.pool);
    }
    last = now;
    return new Plan(pools);
  }

  /** The addresses that may be asked in a pool's stead, in the order of its services' names. */
  private static List<InetAddress> vips(
      Configuration configuration, String pool, HealthCheck check) {
    if (check.vip() != null) {
      return List.of(check.vip());
    }
    List<InetAddress> vips = new ArrayList<>();
    for (Service service : configuration.services()) {
      if (service.pool().equals(pool)) {
        for (Prefix vip : service.vips()) {
          vips.add(vip.firstAddress());
        }
      }
    }
    return vips;
  }

  private PlannedPool plan(PoolSnapshot pool, HealthCheck check, List<InetAddress> vips)
      throws NativeException {
    List<PlannedBackend> backends = new ArrayList<>();
    for (Backend backend : pool.backends()) {
      backends.add(
          new PlannedBackend(
              subject(pool.settings().name(), backend, check, vips),
              backend.health(),
              backend.ramp()));
    }
    return new PlannedPool(pool.settings().name(), check, pool.generation(), backends);
  }

  private Subject subject(String pool, Backend backend, HealthCheck check, List<InetAddress> vips)
      throws NativeException {
    if (check.kind() == Kind.COMMAND) {
      return new Subject(pool, backend, check, null, 0, null);
    }
    if (!check.isForwarded()) {
      InetAddress address = backend.ipv4() != null ? backend.ipv4() : backend.ipv6();
      return new Subject(
          pool, backend, check, address, 0, address == null ? Outcome.NO_ADDRESS : null);
    }
    InetAddress vip = vip(backend, vips);
    return new Subject(
        pool,
        backend,
        check,
        vip,
        backend.fwmark(),
        vip == null ? Outcome.NO_VIP : problem(vip, backend.fwmark()));
  }

  /** IPv4 if the backend has it and there is a VIP; without addresses, anything may lead to it. */
  private static InetAddress vip(Backend backend, List<InetAddress> vips) {
    boolean isAnywhere = backend.ipv4() == null && backend.ipv6() == null;
    for (boolean ipv6 : new boolean[] {false, true}) {
      if (isAnywhere || (ipv6 ? backend.ipv6() : backend.ipv4()) != null) {
        for (InetAddress vip : vips) {
          if (vip instanceof Inet6Address == ipv6) {
            return vip;
          }
        }
      }
    }
    return null;
  }

  /**
   * Without a route of its own a marked packet would go where all go: the check would mean nothing.
   */
  private Outcome problem(InetAddress vip, int mark) throws NativeException {
    Route route = routes.find(vip, mark);
    if (route.kind() == Route.Kind.LOCAL) {
      return Outcome.LOCAL_VIP;
    }
    Route without = unmarked.get(vip);
    if (without == null) {
      without = routes.find(vip, 0);
      unmarked.put(vip, without);
    }
    boolean isItsOwn = route.kind() == Route.Kind.FORWARDED && !route.equals(without);
    return isItsOwn ? null : Outcome.NO_ROUTE;
  }

  @Override
  public void close() {
    routes.close();
  }
}
