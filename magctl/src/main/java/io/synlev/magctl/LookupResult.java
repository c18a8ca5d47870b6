package io.synlev.magctl;

import io.synlev.packet.FlowKey;
import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Service;
import io.synlev.steering.Lookup;
import java.util.Map;

/**
 * Where a flow goes, and why.
 *
 * @param flow the flow
 * @param lookup what steering said
 * @param pool the generation that it looked at; null if there is no service
 * @param carried the fwmark of the backend that the flow has, since tc or conntrack carries it; 0
 *     if it is new, or no lbd could be asked
 */
record LookupResult(FlowText flow, Lookup lookup, PoolSnapshot pool, int carried) {

  static LookupResult find(Instance instance, FlowText flow, DaemonFlows flows) {
    FlowKey key = flow.key();
    int carried = flows.find(key);
    while (true) {
      Lookup lookup = Lookup.find(instance, key);
      if (lookup.service() == null) {
        return new LookupResult(flow, lookup, null, carried);
      }
      PoolSnapshot pool = instance.snapshot(lookup.service().pool());
      // The names must be of the generation that was asked.
      if (pool.generation() == lookup.generation()) {
        return new LookupResult(flow, lookup, pool, carried);
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

  private TableAnswer table() {
    return new TableAnswer(
        lookup.service(),
        TableAnswer.vip(lookup.service(), flow.key()),
        pool,
        lookup.hashedOn(),
        lookup.hash(),
        lookup.slot(),
        lookup.generation(),
        backend());
  }

  String text() {
    StringBuilder text = new StringBuilder().append(flow).append('\n');
    if (lookup.service() == null) {
      text.append("  service     none: ").append(missing()).append('\n');
      return text.append(byBytes()).toString();
    }
    TableAnswer table = table();
    text.append(TableAnswer.serviceLine(table.service(), table.vip()));
    text.append(byBytes());
    text.append(table.tableLines(flow.source().isIpv4()));
    if (carried != 0) {
      text.append("  offload     the flow is live and keeps the backend with fwmark ");
      text.append(carried).append('\n');
    }
    return text.toString();
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
            "carriedFwmark", carried == 0 ? null : carried,
            "serviceByBytes",
                lookup.serviceByBytes() == null ? null : lookup.serviceByBytes().name());
    if (lookup.service() != null) {
      table().putInto(object);
    }
    return object;
  }
}
