package io.synlev.magctl;

import io.synlev.packet.FlowKey;
import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.steering.Lookup;
import java.net.InetAddress;
import java.util.Map;

/**
 * Where a flow goes, and why.
 *
 * @param flow the flow
 * @param lookup what steering said
 * @param pool the generation that it looked at; null if there is no service
 */
record LookupResult(FlowText flow, Lookup lookup, PoolSnapshot pool) {

  static LookupResult find(Instance instance, FlowText flow) {
    FlowKey key = flow.key();
    while (true) {
      Lookup lookup = Lookup.find(instance, key);
      if (lookup.service() == null) {
        return new LookupResult(flow, lookup, null);
      }
      PoolSnapshot pool = instance.snapshot(lookup.service().pool());
      // The names must be of the generation that was asked.
      if (pool.generation() == lookup.generation()) {
        return new LookupResult(flow, lookup, pool);
      }
    }
  }

  /** The backend; null if there is none. */
  private Backend backend() {
    return lookup.backend() < 0
        ? null
        : pool.at(lookup.backend()).map(PoolSnapshot.Member::backend).orElse(null);
  }

  private String reason() {
    if (lookup.service() == null) {
      return lookup.reason().label();
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
    if (lookup.service() == null) {
      text.append("  service     none: ").append(missing()).append('\n');
      return text.append(byBytes()).toString();
    }
    text.append("  service     ").append(lookup.service().name());
    text.append(": the destination lies in its VIP ").append(vip()).append('\n');
    text.append(byBytes());
    text.append("  pool        ").append(lookup.service().pool());
    text.append(", generation ").append(lookup.generation()).append('\n');
    text.append("  hash        0x").append(hex8(lookup.hash()));
    text.append(
        switch (lookup.hashedOn()) {
          case TUPLE -> " of the 5-tuple\n";
          case ADDRESSES -> " of the addresses\n";
          case PORTS -> " of the ports\n";
        });
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

  /** A line about the service that some packets of the flow get, or nothing. */
  private String byBytes() {
    Service service = lookup.serviceByBytes();
    return service == null
        ? ""
        : "              but "
            + service.name()
            + " for packets with "
            + ServiceText.words(" and ", service.match().conditions())
            + "\n";
  }

  private String missing() {
    String address = Addresses.format(flow.destination().address());
    return switch (lookup.reason()) {
      case NO_SERVICE_FOR_PROTOCOL ->
          address + " is a VIP, but no service there is for this protocol";
      case NO_SERVICE_FOR_PORT -> address + " is a VIP, but no service there is for this port";
      case NO_SERVICE_FOR_SOURCE ->
          "those of " + address + " are for other sources, or for packets with certain bytes";
      default -> address + " lies in no VIP ('magctl service list')";
    };
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
            "fwmark", null,
            "serviceByBytes",
                lookup.serviceByBytes() == null ? null : lookup.serviceByBytes().name());
    if (lookup.service() != null) {
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
