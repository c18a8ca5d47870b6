package io.synlev.config;

import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Forwarding;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds what can be published but is hardly meant. */
final class Warnings {
  /** Longer lists of names are shortened. */
  private static final int NAMED = 5;

  private final Contents before;
  private final Contents wanted;
  private final List<Problem> found = new ArrayList<>();

  private Warnings(Contents before, Contents wanted) {
    this.before = before;
    this.wanted = wanted;
  }

  /** All, without lines. */
  static List<Problem> find(Contents before, Contents wanted) {
    Warnings warnings = new Warnings(before, wanted);
    wanted.pools().forEach(warnings::addressesTwice);
    wanted.services().forEach(warnings::service);
    warnings.movedMarks();
    return warnings.found;
  }

  private void addressesTwice(PoolContents pool) {
    Map<InetAddress, String> owners = new HashMap<>();
    for (Backend backend : pool.backends()) {
      for (InetAddress address : addresses(backend)) {
        String owner = owners.putIfAbsent(address, backend.name());
        if (owner != null) {
          warn(
              ConfigFile.field(pool, backend.name()),
              "%s is the address of backend '%s', too: that server gets a double share"
                  .formatted(Addresses.format(address), owner));
        }
      }
    }
  }

  private static List<InetAddress> addresses(Backend backend) {
    List<InetAddress> addresses = new ArrayList<>();
    if (backend.ipv4() != null) {
      addresses.add(backend.ipv4());
    }
    if (backend.ipv6() != null) {
      addresses.add(backend.ipv6());
    }
    return addresses;
  }

  private void service(Service service) {
    PoolContents pool = wanted.pool(service.pool()).orElseThrow();
    String field = "services." + service.name();
    if (pool.backends().stream().noneMatch(Backend::takesNewFlows)) {
      warn(field, "pool '%s' has no backend that takes new flows".formatted(pool.name()));
    }
    int mark = service.handling().noBackend().mark();
    for (PoolContents each : wanted.pools()) {
      for (Backend backend : each.backends()) {
        if (mark != 0 && backend.fwmark() == mark) {
          warn(
              field + ".no-backend",
              "mark %#x is that of backend '%s' of pool '%s', which would get the packets"
                  .formatted(mark, backend.name(), each.name()));
        }
      }
    }
    for (Prefix vip : service.vips()) {
      backToUs(service, vip, pool);
    }
    withoutAddress(service, false, pool);
    withoutAddress(service, true, pool);
  }

  private void backToUs(Service service, Prefix vip, PoolContents pool) {
    for (Backend backend : pool.backends()) {
      for (InetAddress address : addresses(backend)) {
        if (contains(vip, address)) {
          warn(
              ConfigFile.field(pool, backend.name()),
              "%s is a VIP of service '%s' (%s): packets to it come back to the balancer"
                  .formatted(Addresses.format(address), service.name(), vip));
        }
      }
    }
  }

  /** Where no backend has an address, somebody else makes the routes. */
  private void withoutAddress(Service service, boolean ipv6, PoolContents pool) {
    boolean isTranslated = pool.settings().forwarding() == Forwarding.NAT;
    if (service.vips().stream().noneMatch(vip -> vip.ipv6() == ipv6)
        || !isTranslated && pool.backends().stream().allMatch(each -> addresses(each).isEmpty())) {
      return;
    }
    List<String> without =
        pool.backends().stream()
            .filter(each -> (ipv6 ? each.ipv6() : each.ipv4()) == null)
            .map(Backend::name)
            .toList();
    if (!without.isEmpty()) {
      int more = without.size() - NAMED;
      warn(
          "services." + service.name(),
          "has %s VIPs, but %s%s of pool '%s' have no %s: %s"
              .formatted(
                  ipv6 ? "IPv6" : "IPv4",
                  String.join(", ", without.subList(0, Math.min(NAMED, without.size()))),
                  more > 0 ? " and " + more + " more" : "",
                  pool.name(),
                  ipv6 ? "ipv6" : "ipv4",
                  isTranslated
                      ? "with forwarding nat, the packets they should get are dropped"
                      : "lbrules can make no route for them"));
    }
  }

  private static boolean contains(Prefix vip, InetAddress address) {
    Prefix host = Prefix.parse(Addresses.format(address));
    return vip.contains(host.ipv6(), host.high(), host.low());
  }

  /** Established flows keep their mark, and so go where the mark goes. */
  private void movedMarks() {
    Map<Integer, String> old = new HashMap<>();
    for (PoolContents pool : before.pools()) {
      pool.backends().forEach(each -> old.put(each.fwmark(), pool.name() + "/" + each.name()));
    }
    for (PoolContents pool : wanted.pools()) {
      for (Backend backend : pool.backends()) {
        String was = old.get(backend.fwmark());
        if (was != null && !was.equals(pool.name() + "/" + backend.name())) {
          warn(
              ConfigFile.field(pool, backend.name()),
              "fwmark %s was that of %s: its established flows come here"
                  .formatted(Integer.toUnsignedString(backend.fwmark()), was));
        }
      }
    }
  }

  private void warn(String field, String message) {
    found.add(Problem.of(field, message));
  }
}
