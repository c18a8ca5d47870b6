package io.synlev.magctl;

import io.synlev.packet.FlowKey;
import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Prefix;
import io.synlev.steering.Lookup;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/**
 * Where a flow goes, and why.
 *
 * @param flow the flow
 * @param lookup what steering said; null if no service has the destination
 * @param pool the generation that it looked at; null if there is no service
 */
record LookupResult(FlowText flow, Lookup lookup, PoolSnapshot pool) {

  static LookupResult find(Instance instance, FlowText flow) {
    FlowKey key = flow.key();
    while (true) {
      Optional<Lookup> found = Lookup.find(instance, key);
      if (found.isEmpty()) {
        return new LookupResult(flow, null, null);
      }
      Lookup lookup = found.get();
      PoolSnapshot pool = instance.snapshot(lookup.service().pool());
      // The names must be of the generation that was asked.
      if (pool.generation() == lookup.generation()) {
        return new LookupResult(flow, lookup, pool);
      }
    }
  }

  /** The backend; null if there is none. */
  private Backend backend() {
    return lookup == null || lookup.backend() < 0
        ? null
        : pool.at(lookup.backend()).map(PoolSnapshot.Member::backend).orElse(null);
  }

  private String reason() {
    if (lookup == null) {
      return "no-service";
    }
    return backend() == null ? "no-backend" : "table";
  }

  /** The longest VIP of the service that has the destination: the one that decided. */
  private Prefix vip() {
    FlowKey key = flow.key();
    Prefix longest = null;
    for (Prefix vip : lookup.service().vips()) {
      boolean has =
          vip.contains(key.family == FlowKey.IPV6, key.destinationHigh, key.destinationLow);
      if (has && (longest == null || vip.length() > longest.length())) {
        longest = vip;
      }
    }
    return longest;
  }

  String text() {
    StringBuilder text = new StringBuilder().append(flow).append('\n');
    if (lookup == null) {
      return text.append("  service     none: ")
          .append(Addresses.format(flow.destination().address()))
          .append(" lies in no VIP ('magctl service list')\n")
          .toString();
    }
    text.append("  service     ").append(lookup.service().name());
    text.append(": the destination lies in its VIP ").append(vip()).append('\n');
    text.append("  pool        ").append(lookup.service().pool());
    text.append(", generation ").append(lookup.generation()).append('\n');
    text.append("  hash        0x").append(hex8(lookup.hash()));
    text.append(lookup.hashedOn() == HashOn.TUPLE ? " of the 5-tuple\n" : " of the addresses\n");
    text.append("  slot        ").append(Text.count(lookup.slot()));
    text.append(" of ").append(Text.count(pool.table().length)).append('\n');
    Backend backend = backend();
    if (backend == null) {
      return text.append("  backend     none: the pool has no active backend ('magctl activate')\n")
          .toString();
    }
    text.append("  backend     ").append(backend.name());
    text.append(", fwmark ").append(Integer.toUnsignedString(backend.fwmark()));
    InetAddress address = flow.source().isIpv4() ? backend.ipv4() : backend.ipv6();
    return text.append(address == null ? "" : ", at " + Addresses.format(address))
        .append('\n')
        .toString();
  }

  Map<String, Object> json() {
    Map<String, Object> object =
        Json.object(
            "protocol", flow.protocol(),
            "source", flow.source().toString(),
            "destination", flow.destination().toString(),
            "reason", reason(),
            "service", null,
            "vip", null,
            "pool", null,
            "generation", null,
            "hashedOn", null,
            "hash", null,
            "slot", null,
            "backend", null,
            "fwmark", null);
    if (lookup != null) {
      object.put("service", lookup.service().name());
      object.put("vip", String.valueOf(vip()));
      object.put("pool", lookup.service().pool());
      object.put("generation", lookup.generation());
      object.put("hashedOn", lookup.hashedOn().label());
      object.put("hash", Integer.toUnsignedLong(lookup.hash()));
      object.put("slot", lookup.slot());
    }
    Backend backend = backend();
    if (backend != null) {
      object.put("backend", backend.name());
      object.put("fwmark", Integer.toUnsignedLong(backend.fwmark()));
    }
    return object;
  }

  private static String hex8(int value) {
    String digits = Integer.toHexString(value);
    return "0".repeat(8 - digits.length()) + digits;
  }
}
