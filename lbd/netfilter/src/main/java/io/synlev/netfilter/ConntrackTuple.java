package io.synlev.netfilter;

import io.synlev.memory.Memory;
import io.synlev.netlink.NetlinkAttributes;
import io.synlev.packet.FlowKey;

/**
 * Reads the flow of a conntrack entry from its original direction: nf_conntrack_netlink.h,
 * CTA_TUPLE_ORIG. One thread; allocates nothing once made.
 */
final class ConntrackTuple {

  private final NetlinkAttributes tuple = new NetlinkAttributes();
  private final NetlinkAttributes part = new NetlinkAttributes();
  private long sourceHigh;
  private long sourceLow;
  private long destinationHigh;
  private long destinationLow;
  private boolean isIpv6;
  private int protocol;
  private int ports;

  /**
   * Reads the nested attributes that {@code entry} stands at.
   *
   * @param out the flow, client first
   */
  void read(NetlinkAttributes entry, FlowKey out) {
    protocol = 0;
    ports = 0;
    tuple.beginInside(entry);
    while (tuple.advance()) {
      part.beginInside(tuple);
      while (part.advance()) {
        if (tuple.type() == Ctnetlink.CTA_TUPLE_IP) {
          readAddress();
        } else if (tuple.type() == Ctnetlink.CTA_TUPLE_PROTO) {
          readProtocol();
        }
      }
    }
    if (isIpv6) {
      out.ipv6(sourceHigh, sourceLow, destinationHigh, destinationLow, protocol, ports);
    } else {
      out.ipv4((int) sourceLow, (int) destinationLow, protocol, ports);
    }
  }

  private void readAddress() {
    isIpv6 = part.has(16);
    long high = isIpv6 ? Memory.getLongBe(part.address()) : 0;
    long low = isIpv6 ? Memory.getLongBe(part.address() + 8) : readInt();
    switch (part.type()) {
      case Ctnetlink.CTA_IP_V4_SRC, Ctnetlink.CTA_IP_V6_SRC -> {
        sourceHigh = high;
        sourceLow = low;
      }
      case Ctnetlink.CTA_IP_V4_DST, Ctnetlink.CTA_IP_V6_DST -> {
        destinationHigh = high;
        destinationLow = low;
      }
      default -> {
        // nothing else is known there
      }
    }
  }

  private long readInt() {
    return part.has(4) ? Memory.getIntBe(part.address()) & 0xffff_ffffL : 0;
  }

  private void readProtocol() {
    switch (part.type()) {
      case Ctnetlink.CTA_PROTO_NUM ->
          protocol = part.has(1) ? Memory.getByte(part.address()) & 0xff : 0;
      case Ctnetlink.CTA_PROTO_SRC_PORT -> ports |= readPort() << 16;
      case Ctnetlink.CTA_PROTO_DST_PORT -> ports |= readPort();
      default -> {
        // of ICMP
      }
    }
  }

  private int readPort() {
    return part.has(2) ? Memory.getShortBe(part.address()) & 0xffff : 0;
  }
}
