package io.synlev.steering;

import io.synlev.datapath.Reason;
import io.synlev.packet.FlowKey;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.IpProtocol;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.PoolCursor;
import io.synlev.state.Service;
import java.lang.invoke.VarHandle;

/**
 * Which backend the table has for a flow, and why: for tools. Uses the same code as {@link
 * Steering}.
 *
 * <p>A flow is not a packet: services that ask for bytes of the transport header do not match, and
 * are named beside the one that does.
 *
 * @param service the service that the flow is for; null if there is none
 * @param reason why there is no service, or {@link Reason#NO_BACKEND}; UNDECIDED with a backend
 * @param hashedOn what was hashed; ADDRESSES too when the protocol has no ports; null without a
 *     service, and all that follows is 0 then
 * @param hash the 32 bits
 * @param slot the table's slot that the hash names
 * @param generation the table's generation
 * @param backend the index of the slot's backend, or {@link PoolCursor#NONE}
 * @param mark that backend's fwmark, or 0
 * @param serviceByBytes the service that the flow's packets get if they have the bytes that it asks
 *     for; null if none asks
 */
public record Lookup(
    Service service,
    Reason reason,
    HashOn hashedOn,
    int hash,
    int slot,
    long generation,
    int backend,
    int mark,
    Service serviceByBytes) {

  /**
   * Looks a flow up.
   *
   * @param flow for an ICMP protocol, that of an echo request
   * @throws io.synlev.state.StateException if the state cannot be read
   */
  public static Lookup find(Instance instance, FlowKey flow) {
    View view = View.compile(instance, 1);
    PacketHeaders headers = headers(flow);
    Match match = new Match();
    Service byBytes = serviceByBytes(view, headers, match);
    if (!view.match(headers, match)) {
      return new Lookup(null, match.reason, null, 0, 0, 0, PoolCursor.NONE, 0, byBytes);
    }
    Target target = view.target(0, match.service);
    PoolCursor cursor = target.cursor();
    HashOn on = headers.kind == PacketKind.OTHER ? HashOn.ADDRESSES : target.on();
    int hash =
        new FlowHasher(instance.settings().seed()).hash(flow, match.ports, match.protocol, on);
    while (true) {
      long epoch = instance.epoch();
      cursor.refresh(epoch);
      int backend = cursor.backend(hash);
      int mark = backend == PoolCursor.NONE ? 0 : cursor.mark(backend);
      long generation = cursor.generation();
      VarHandle.acquireFence();
      if (instance.epoch() == epoch) {
        return new Lookup(
            view.services().get(match.service),
            backend == PoolCursor.NONE ? Reason.NO_BACKEND : Reason.UNDECIDED,
            on,
            hash,
            cursor.slot(hash),
            generation,
            backend,
            mark,
            byBytes);
      }
      Thread.onSpinWait();
    }
  }

  private static Service serviceByBytes(View view, PacketHeaders headers, Match match) {
    // Of a quoted packet all bytes count as what was asked for.
    headers.quoted = true;
    boolean isFound = view.match(headers, match);
    headers.quoted = false;
    Service service = isFound ? view.services().get(match.service) : null;
    return service == null || service.match().conditions().isEmpty() ? null : service;
  }

  /** The headers of a packet of the flow, without any byte of it. */
  private static PacketHeaders headers(FlowKey flow) {
    PacketHeaders headers = new PacketHeaders();
    headers.flow.copy(flow);
    headers.status = HeaderStatus.OK;
    headers.transportOffset = -1;
    boolean isIpv4 = flow.family == FlowKey.IPV4;
    headers.kind =
        switch (flow.protocol) {
          case IpProtocol.TCP -> PacketKind.TCP;
          case IpProtocol.UDP -> PacketKind.UDP;
          case IpProtocol.SCTP -> PacketKind.SCTP;
          case IpProtocol.ICMP -> isIpv4 ? PacketKind.ICMP_ECHO : PacketKind.OTHER;
          case IpProtocol.ICMPV6 -> isIpv4 ? PacketKind.OTHER : PacketKind.ICMP_ECHO;
          default -> PacketKind.OTHER;
        };
    return headers;
  }
}
