package io.synlev.magctl;

import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.DaemonRecord;
import io.synlev.state.HealthCheck;
import io.synlev.state.PoolSettings;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An instance as JSON. Fwmarks and masks are numbers; what there is not is null. */
final class ShowJson {
  private ShowJson() {}

  static Map<String, Object> of(InstanceView view, int firstSlots) {
    List<Object> pools = new ArrayList<>();
    for (PoolSnapshot pool : view.pools()) {
      pools.add(pool(pool, view.checks().get(pool.settings().name()), firstSlots));
    }
    return Json.object(
        "instance", view.directory().instance(),
        "directory", view.directory().path().toString(),
        "markMask", Integer.toUnsignedLong(view.markMask()),
        "daemon", daemon(view.daemon()),
        "pools", pools,
        "services", services(view.services()));
  }

  private static Map<String, Object> daemon(DaemonRecord daemon) {
    return daemon.isAlive()
        ? Json.object(
            "pid", daemon.pid(),
            "firstQueue", daemon.firstQueue(),
            "lastQueue", daemon.lastQueue())
        : null;
  }

  private static Map<String, Object> pool(PoolSnapshot pool, HealthCheck check, int firstSlots) {
    PoolSettings settings = pool.settings();
    String[] names = new String[settings.capacity()];
    for (PoolSnapshot.Member member : pool.members()) {
      names[member.index()] = member.backend().name();
    }
    List<String> slots = new ArrayList<>();
    for (int slot = 0; slot < Math.min(firstSlots, settings.slots()); slot++) {
      int index = pool.table()[slot];
      slots.add(index < names.length ? names[index] : null);
    }
    return Json.object(
        "name", settings.name(),
        "generation", pool.generation(),
        "slots", settings.slots(),
        "capacity", settings.capacity(),
        "policy", settings.policy().label(),
        "hash", settings.hashOn().label(),
        "ownFwmark", Integer.toUnsignedLong(settings.ownFwmark()),
        "forwarding", settings.forwarding().label(),
        "healthCheck", check == null ? null : check.fields(),
        "backends", backends(pool),
        "firstSlots", slots);
  }

  /** The backends of a pool, in the order of their indices. */
  static List<Object> backends(PoolSnapshot pool) {
    List<Object> backends = new ArrayList<>();
    for (PoolSnapshot.Member member : pool.members()) {
      Backend backend = member.backend();
      backends.add(
          Json.object(
              "name", backend.name(),
              "fwmark", Integer.toUnsignedLong(backend.fwmark()),
              "weight", backend.weight(),
              "state", backend.state().label(),
              "health", backend.health().label(),
              "ipv4", address(backend.ipv4()),
              "ipv6", address(backend.ipv6()),
              "mac", backend.mac() == null ? null : backend.mac().toString(),
              "drainUntil", drainUntil(backend),
              "slots", member.slots(),
              "share", (double) member.slots() / pool.table().length));
    }
    return backends;
  }

  private static String drainUntil(Backend backend) {
    return backend.drainEnds()
        ? Instant.ofEpochSecond(backend.drainUntilSeconds()).toString()
        : null;
  }

  /** Services; an empty list of ports, sources or conditions restricts nothing. */
  static List<Object> services(List<Service> services) {
    List<Object> all = new ArrayList<>();
    for (Service service : services) {
      all.add(service(service));
    }
    return all;
  }

  private static Map<String, Object> service(Service service) {
    ServiceMatch match = service.match();
    ServiceHandling handling = service.handling();
    List<String> protocols = new ArrayList<>();
    for (Protocol protocol : match.protocols()) {
      protocols.add(protocol.label());
    }
    return Json.object(
        "name", service.name(),
        "pool", service.pool(),
        "priority", service.priority(),
        "protocols", protocols,
        "vips", ServiceText.strings(match.vips()),
        "ports", ServiceText.strings(match.ports()),
        "sources", ServiceText.strings(match.sources()),
        "sourcePorts", ServiceText.strings(match.sourcePorts()),
        "conditions", ServiceText.strings(match.conditions()),
        "hash", handling.hashOn() == null ? null : handling.hashOn().label(),
        "noBackend", handling.noBackend().toString(),
        "echo", handling.echo(),
        "sctpOverUdpPort", handling.sctpOverUdpPort());
  }

  private static String address(InetAddress address) {
    return address == null ? null : Addresses.format(address);
  }
}
