package io.synlev.magctl;

import io.synlev.packet.FlowKey;
import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import java.net.InetAddress;
import java.util.Map;

/**
 * What a service's table said: the part of an answer that {@code lookup} and {@code explain} share.
 *
 * @param service the service
 * @param vip the longest of its VIPs that has the destination; null if none has
 * @param pool the generation that was asked
 * @param hashedOn what was hashed
 * @param hash the 32 bits
 * @param slot the slot that the hash names
 * @param generation the number of the generation
 * @param backend the slot's backend; null for none
 */
record TableAnswer(
    Service service,
    Prefix vip,
    PoolSnapshot pool,
    HashOn hashedOn,
    int hash,
    int slot,
    long generation,
    Backend backend) {

  /** The longest VIP of a service that has the destination: the one that decided. */
  static Prefix vip(Service service, FlowKey flow) {
    Prefix longest = null;
    for (Prefix vip : service.vips()) {
      boolean has =
          vip.contains(flow.family == FlowKey.IPV6, flow.destinationHigh, flow.destinationLow);
      if (has && (longest == null || vip.length() > longest.length())) {
        longest = vip;
      }
    }
    return longest;
  }

  static String serviceLine(Service service, Prefix vip) {
    return "  service     "
        + service.name()
        + (vip == null ? "\n" : ": the destination lies in its VIP " + vip + "\n");
  }

  /** Pool, hash, slot and backend, a line each. */
  String tableLines(boolean ipv4) {
    StringBuilder text = new StringBuilder();
    text.append("  pool        ").append(service.pool());
    text.append(", generation ").append(generation).append('\n');
    text.append("  hash        0x").append(hex8(hash));
    text.append(
        switch (hashedOn) {
          case TUPLE -> " of the 5-tuple\n";
          case ADDRESSES -> " of the addresses\n";
          case PORTS -> " of the ports\n";
        });
    text.append("  slot        ").append(Text.count(slot));
    text.append(" of ").append(Text.count(pool.table().length)).append('\n');
    return text.append(backendLine(backend, ipv4)).toString();
  }

  /** The backend, or what to do when there is none. */
  static String backendLine(Backend backend, boolean ipv4) {
    if (backend == null) {
      return "  backend     none: the pool has no active backend ('magctl activate')\n";
    }
    InetAddress address = ipv4 ? backend.ipv4() : backend.ipv6();
    return "  backend     "
        + backend.name()
        + ", fwmark "
        + Integer.toUnsignedString(backend.fwmark())
        + (address == null ? "" : ", at " + Addresses.format(address))
        + "\n";
  }

  /** Fills in the members of an answer's object. */
  void putInto(Map<String, Object> object) {
    object.put("service", service.name());
    object.put("vip", vip == null ? null : vip.toString());
    object.put("pool", service.pool());
    object.put("generation", generation);
    object.put("hashedOn", hashedOn.label());
    object.put("hash", Integer.toUnsignedLong(hash));
    object.put("slot", slot);
    if (backend != null) {
      object.put("backend", backend.name());
      object.put("fwmark", Integer.toUnsignedLong(backend.fwmark()));
    }
  }

  private static String hex8(int value) {
    String digits = Integer.toHexString(value);
    return "0".repeat(8 - digits.length()) + digits;
  }
}
