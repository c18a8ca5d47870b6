package io.synlev.magctl;

import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import java.net.InetAddress;

/**
 * An instance for scripts: tab-separated records, one a line, the kind first. Columns are only ever
 * added, at the end.
 *
 * <pre>
 *   instance  NAME  mask as 0x hex
 *   pool      NAME  own fwmark, 0 for none
 *   backend   POOL  NAME  fwmark  weight  active|draining|inactive  up|down  IPv4|-  IPv6|-
 *   service   NAME  POOL  vip[,vip...]  priority  protocol[,protocol...]|all  ports|-  sources|-
 *             source ports|-  conditions|-  hash|-  without backends  echo|-  SCTP-over-UDP port|0
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
      service(text, service);
    }
    return text.toString();
  }

  private static void service(StringBuilder text, Service service) {
    ServiceMatch match = service.match();
    ServiceHandling handling = service.handling();
    record(
        text,
        "service",
        service.name(),
        service.pool(),
        ServiceText.words(",", match.vips()),
        Integer.toString(service.priority()),
        ServiceText.protocols(service),
        orDash(ServiceText.words(",", match.ports())),
        orDash(ServiceText.words(",", match.sources())),
        orDash(ServiceText.words(",", match.sourcePorts())),
        orDash(ServiceText.words(" and ", match.conditions())),
        handling.hashOn() == null ? "-" : handling.hashOn().label(),
        handling.noBackend().toString(),
        handling.echo() ? "echo" : "-",
        Integer.toString(handling.sctpOverUdpPort()));
  }

  private static String orDash(String words) {
    return words.isEmpty() ? "-" : words;
  }

  private static void record(StringBuilder text, String... fields) {
    text.append(String.join("\t", fields)).append('\n');
  }

  private static String address(InetAddress address) {
    return address == null ? "-" : Addresses.format(address);
  }
}
