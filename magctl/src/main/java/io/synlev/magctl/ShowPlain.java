package io.synlev.magctl;

import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import java.net.InetAddress;

/**
 * An instance for scripts: tab-separated records, one a line, the kind first. Columns are only ever
 * added, at the end.
 *
 * <pre>
 *   instance  NAME  mask as 0x hex
 *   pool      NAME  own fwmark, 0 for none
 *   backend   POOL  NAME  fwmark  weight  active|draining|inactive  up|down  IPv4|-  IPv6|-
 *   service   NAME  POOL  vip[,vip...]
 * </pre>
 */
final class ShowPlain {
  private ShowPlain() {}

  static String of(InstanceView view) {
    StringBuilder text = new StringBuilder();
    record(text, "instance", view.directory().instance(), Text.hex(view.markMask()));
    for (PoolSnapshot pool : view.pools()) {
      String name = pool.settings().name();
      record(text, "pool", name, Integer.toUnsignedString(pool.settings().ownFwmark()));
      for (Backend backend : pool.backends()) {
        record(
            text,
            "backend",
            name,
            backend.name(),
            Integer.toUnsignedString(backend.fwmark()),
            Integer.toString(backend.weight()),
            backend.state().label(),
            backend.health().label(),
            address(backend.ipv4()),
            address(backend.ipv6()));
      }
    }
    for (Service service : view.services()) {
      StringBuilder vips = new StringBuilder();
      for (Prefix vip : service.vips()) {
        vips.append(vips.isEmpty() ? "" : ",").append(vip);
      }
      record(text, "service", service.name(), service.pool(), vips.toString());
    }
    return text.toString();
  }

  private static void record(StringBuilder text, String... fields) {
    text.append(String.join("\t", fields)).append('\n');
  }

  private static String address(InetAddress address) {
    return address == null ? "-" : Addresses.format(address);
  }
}
