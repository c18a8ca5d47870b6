package io.synlev.nat;

import io.synlev.packet.FlowKey;
import io.synlev.state.NextHop;

/** What a new session is to be. An object that is reused; belongs to one thread. */
final class NewSession {

  /** The first eight bytes of the backend's address; 0 for IPv4. */
  long high;

  long low;
  int port;

  /** The backend's number. */
  long number;

  long clientMac;

  /** Of the first packet; 0 with UDP. */
  int tcpFlags;

  /**
   * Takes the backend's address.
   *
   * @return whether it has one of the family
   */
  boolean setBackend(NextHop hop, int family) {
    boolean isIpv4 = family == FlowKey.IPV4;
    high = isIpv4 ? 0 : hop.ipv6High;
    low = isIpv4 ? hop.ipv4 & 0xffff_ffffL : hop.ipv6Low;
    return hop.isKnown && (isIpv4 ? hop.hasIpv4 : hop.hasIpv6);
  }
}
