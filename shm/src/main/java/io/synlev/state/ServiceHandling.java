package io.synlev.state;

import java.util.Objects;

/**
 * What is done with a service's packets.
 *
 * @param hashOn which fields choose the slot; null for what the pool says
 * @param noBackend what happens while the pool has no active backend
 * @param echo whether ICMP echo requests to its VIPs go to its pool although its protocols have no
 *     ICMP; a service for ICMP comes first
 * @param sctpOverUdpPort the UDP port behind which its SCTP packets come as well (RFC 6951, 9899 by
 *     registration); 0 for none
 */
public record ServiceHandling(
    HashOn hashOn, NoBackend noBackend, boolean echo, int sctpOverUdpPort) {
  /** As pool and daemon say. */
  public static final ServiceHandling DEFAULT =
      new ServiceHandling(null, NoBackend.DEFAULT, true, 0);

  public ServiceHandling {
    Objects.requireNonNull(noBackend);
    if (sctpOverUdpPort < 0 || sctpOverUdpPort > PortRange.MAX) {
      throw new StateException(
          "SCTP over UDP port "
              + sctpOverUdpPort
              + ": choose one from 1 to 65535 (9899 is usual), or 0 for none");
    }
  }

  /** The same, hashed on other fields; null for what the pool says. */
  public ServiceHandling withHashOn(HashOn other) {
    return new ServiceHandling(other, noBackend, echo, sctpOverUdpPort);
  }

  /** The same with something else to do without backends. */
  public ServiceHandling withNoBackend(NoBackend other) {
    return new ServiceHandling(hashOn, other, echo, sctpOverUdpPort);
  }

  /** The same with or without echo requests. */
  public ServiceHandling withEcho(boolean other) {
    return new ServiceHandling(hashOn, noBackend, other, sctpOverUdpPort);
  }

  /** The same with SCTP behind another UDP port; 0 for none. */
  public ServiceHandling withSctpOverUdpPort(int other) {
    return new ServiceHandling(hashOn, noBackend, echo, other);
  }
}
