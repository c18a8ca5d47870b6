package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PortQueue;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Asks for neighbours: ARP requests (RFC 826), neighbour solicitations (RFC 4861, 4.3). Tells them
 * of us: announcements (RFC 5227, 3), unsolicited advertisements (RFC 4861, 7.2.6). Belongs to one
 * worker; neither allocates nor throws.
 */
final class Solicitor {

  private static final int ARP_BYTES = 28;
  private static final int SOLICITATION_BYTES = 32;

  /** ff02::1:ff00:0, to which the last 24 bits of an address are added: RFC 4291, 2.7.1. */
  private static final long SOLICITED_NODE_HIGH = 0xff02_0000_0000_0000L;

  private static final long SOLICITED_NODE_LOW = 0x1_ff00_0000L;

  /** 33:33 and the group's last 32 bits: RFC 2464, 7. */
  private static final long MULTICAST_MAC = 0x3333_0000_0000L;

  private final PortQueue out;
  private final PacketPool pool;
  private final Counters counters;
  private final long mac;
  private final int ownIpv4;
  private final boolean hasIpv6;
  private final long ownHigh;
  private final long ownLow;
  private final long table;

  /**
   * Makes one.
   *
   * @param out the link
   * @param mac that port's address
   */
  Solicitor(
      Arena arena,
      PortQueue out,
      PacketPool pool,
      NeighbourOptions options,
      long mac,
      Counters counters) {
    this.out = out;
    this.pool = pool;
    this.mac = mac;
    this.counters = counters;
    ownIpv4 = options.ownIpv4() == null ? 0 : (int) LocalAddresses.low(options.ownIpv4());
    hasIpv6 = options.ownIpv6() != null;
    ownHigh = hasIpv6 ? LocalAddresses.high(options.ownIpv6()) : 0;
    ownLow = hasIpv6 ? LocalAddresses.low(options.ownIpv6()) : 0;
    table = arena.allocate(8, 8).address();
  }

  /** Whether it can ask by ARP, or by neighbour discovery. */
  boolean canAsk(boolean isIpv6) {
    return isIpv6 ? hasIpv6 : ownIpv4 != 0;
  }

  /**
   * Asks who has an address. A request that cannot be sent is one that got lost.
   *
   * @param to the Ethernet address that it had, or 0 to ask everybody
   */
  void ask(long high, long low, long to) {
    if (!pool.take(table, 1)) {
      return;
    }
    long mbuf = Memory.getLong(table);
    if (LocalAddresses.isMapped(high, low)) {
      putRequest(mbuf, ownIpv4, (int) low, to == 0 ? Ethernet.BROADCAST : to);
    } else {
      putSolicitation(mbuf, high, low, to);
    }
    send(FastPathCounter.NEIGHBOUR_ASKED);
  }

  /** Tells everybody that an address is ours. */
  void announce(long high, long low) {
    if (!pool.take(table, 1)) {
      return;
    }
    long mbuf = Memory.getLong(table);
    if (LocalAddresses.isMapped(high, low)) {
      putRequest(mbuf, (int) low, (int) low, Ethernet.BROADCAST);
    } else {
      Discovery.putUnsolicited(mbuf, high, low, mac);
    }
    send(FastPathCounter.ANNOUNCED);
  }

  private void send(FastPathCounter counter) {
    if (out.send(table, 1) == 1) {
      counters.add(counter, 1);
    } else {
      pool.free(table, 1);
    }
  }

  private void putRequest(long mbuf, int sender, int target, long to) {
    long frame = Mbuf.data(mbuf);
    Mbuf.setLength(mbuf, Ethernet.HEADER + ARP_BYTES);
    Ethernet.putAddresses(frame, to, mac);
    Memory.putShortBe(frame + Ethernet.ADDRESSES, (short) Ethernet.ARP);
    Arp.put(frame + Ethernet.HEADER, Arp.REQUEST, mac, sender, 0, target);
  }

  private void putSolicitation(long mbuf, long high, long low, long to) {
    long frame = Mbuf.data(mbuf);
    Mbuf.setLength(mbuf, Ethernet.HEADER + Ip.IPV6_HEADER + SOLICITATION_BYTES);
    long groupLow = SOLICITED_NODE_LOW | low & 0xff_ffff;
    Ethernet.putAddresses(frame, to == 0 ? MULTICAST_MAC | groupLow & 0xffff_ffffL : to, mac);
    Memory.putShortBe(frame + Ethernet.ADDRESSES, (short) Ethernet.IPV6);
    long ip = frame + Ethernet.HEADER;
    Memory.putIntBe(ip, 6 << 28);
    Memory.putIntBe(ip + 4, SOLICITATION_BYTES << 16 | Ip.ICMPV6 << 8 | Discovery.HOP_LIMIT);
    Memory.putLongBe(ip + 8, ownHigh);
    Memory.putLongBe(ip + 16, ownLow);
    Memory.putLongBe(ip + 24, to == 0 ? SOLICITED_NODE_HIGH : high);
    Memory.putLongBe(ip + 32, to == 0 ? groupLow : low);
    Discovery.put(
        ip, Discovery.SOLICITATION, 0, high, low, Discovery.SOURCE_LINK_LAYER_ADDRESS, mac);
  }
}
