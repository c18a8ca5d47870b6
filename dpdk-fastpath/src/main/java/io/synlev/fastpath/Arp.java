package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.memory.Memory;

/**
 * The address resolution protocol for IPv4 over Ethernet: RFC 826, and what RFC 5227 has said about
 * probes and conflicts since. Belongs to one worker; neither allocates nor throws.
 *
 * <pre>
 *   0      2      4   5   6      8              14          18             24         28
 *   | 0001 | 0800 | 6 | 4 | oper | sender's MAC | sender's  | target's MAC | target's |
 *   |      |      |   |   |      |              | IPv4      |              | IPv4     |
 * </pre>
 */
final class Arp {

  static final int REQUEST = 1;
  static final int REPLY = 2;

  private static final int BYTES = 28;

  /** Hardware type Ethernet, protocol IPv4, and the lengths of their addresses. */
  private static final int ETHERNET_IPV4 = 0x0001_0800;

  private static final int LENGTHS = 0x0604;

  private final LocalAddresses local;
  private final Resolver resolver;
  private final Counters counters;

  Arp(LocalAddresses local, Resolver resolver, Counters counters) {
    this.local = local;
    this.resolver = resolver;
    this.counters = counters;
  }

  /**
   * Deals with a packet: hears what it says of its sender, as RFC 826 has it before all else; then
   * a request for one of our addresses becomes the reply.
   *
   * @param l2 bytes before it
   * @param mac the port's address
   */
  Fate take(long mbuf, int l2, long mac, long nowNanos) {
    long frame = Mbuf.data(mbuf);
    long at = frame + l2;
    if (!isSound(at, Mbuf.dataLength(mbuf) - l2)) {
      counters.add(FastPathCounter.ARP_MALFORMED, 1);
      return Fate.FREE;
    }
    long sender = Ethernet.address(at + 8);
    int from = Memory.getIntBe(at + 14);
    int target = Memory.getIntBe(at + 24);
    if (sender == mac) {
      return Fate.FREE; // some virtual devices give us what we sent
    }
    if (local.contains(from)) {
      counters.add(FastPathCounter.ADDRESS_CONFLICT, 1); // RFC 5227, 2.4
      return Fate.PASS;
    }
    boolean isReply = Memory.getShortBe(at + 6) == REPLY;
    boolean isToUs = isReply && Ethernet.to(frame) == mac && local.contains(target);
    resolver.heard(0, LocalAddresses.mapped(from), sender, isReply, isToUs, nowNanos);
    if (!isReply && local.contains(target)) {
      Ethernet.putAddresses(frame, sender, mac);
      put(at, REPLY, mac, target, sender, from);
      Mbuf.setLength(mbuf, l2 + BYTES);
      counters.add(FastPathCounter.ARP_ANSWERED, 1);
      return Fate.ANSWER;
    }
    return Fate.PASS;
  }

  private static boolean isSound(long at, int there) {
    if (there < BYTES
        || Memory.getIntBe(at) != ETHERNET_IPV4
        || Memory.getShortBe(at + 4) != LENGTHS) {
      return false;
    }
    int operation = Memory.getShortBe(at + 6);
    long sender = Ethernet.address(at + 8);
    return (operation == REQUEST || operation == REPLY)
        && sender != 0
        && !Ethernet.isMulticast(sender);
  }

  /** Writes a packet. */
  static void put(long at, int operation, long sender, int from, long target, int to) {
    Memory.putIntBe(at, ETHERNET_IPV4);
    Memory.putIntBe(at + 4, LENGTHS << 16 | operation);
    Ethernet.putAddress(at + 8, sender);
    Memory.putIntBe(at + 14, from);
    Ethernet.putAddress(at + 18, target);
    Memory.putIntBe(at + 24, to);
  }
}
