package io.synlev.fastpath;

import io.synlev.state.Prefix;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The addresses that the balancer says are its own: its own ones, the sources of translated
 * packets, and VIPs that are one address. Longer prefixes of VIPs must be routed here: answering
 * for them could answer for neighbours.
 *
 * <p>Keys are 128 bits; IPv4 addresses are mapped into IPv6 (RFC 4291, 2.5.5.2). Belongs to one
 * worker; allocates only after services have changed.
 */
final class LocalAddresses {

  /** What is before an IPv4 address in the lower half of its key. */
  private static final long MAPPED = 0xffff_0000_0000L;

  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L; // 2^64 / golden ratio

  private final NeighbourOptions options;

  /** Keys, high and low in turn, in an open-addressing table; 0 and 0 is nobody's address. */
  private long[] table = new long[4];

  private List<Prefix> known;

  /** How often they have changed. */
  int changes;

  LocalAddresses(NeighbourOptions options) {
    this.options = options;
    take(List.of());
  }

  /** The lower half of an IPv4 address's key; its upper half is 0. */
  static long mapped(int ipv4) {
    return MAPPED | ipv4 & 0xffff_ffffL;
  }

  /** Whether a key whose upper half is 0 has this lower half because it is an IPv4 address. */
  static boolean isMapped(long high, long low) {
    return high == 0 && low >>> 32 == 0xffff;
  }

  /** Takes the VIPs in force, as {@link io.synlev.datapath.BatchDecider#vips} has them. */
  void take(List<Prefix> vips) {
    if (vips == known) {
      return;
    }
    boolean areSame = vips.equals(known);
    known = vips;
    if (areSame) {
      return; // other things have changed
    }
    changes++;
    int most = 2 + options.sources().size() + (options.answersForVips() ? vips.size() : 0);
    table = new long[2 * Integer.highestOneBit(4 * most)];
    add(options.ownIpv4());
    add(options.ownIpv6());
    options.sources().forEach(this::add);
    for (Prefix vip : vips) {
      if (options.answersForVips() && vip.isHost()) {
        add(vip.high(), vip.ipv6() ? vip.low() : mapped((int) vip.low()));
      }
    }
  }

  private void add(InetAddress address) {
    if (address != null) {
      add(high(address), low(address));
    }
  }

  static long high(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? 0 : ByteBuffer.wrap(bytes).getLong();
  }

  static long low(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return bytes.remaining() == 4 ? mapped(bytes.getInt()) : bytes.getLong(8);
  }

  private void add(long high, long low) {
    int at = start(high, low);
    while ((table[at] | table[at + 1]) != 0) {
      if (table[at] == high && table[at + 1] == low) {
        return;
      }
      at = at + 2 & table.length - 1;
    }
    table[at] = high;
    table[at + 1] = low;
  }

  /** How many places there are for addresses, most of them empty. */
  int places() {
    return table.length / 2;
  }

  /** The halves of the address at a place; 0 and 0 at an empty one. */
  long highAt(int place) {
    return table[2 * place];
  }

  long lowAt(int place) {
    return table[2 * place + 1];
  }

  /** Whether it is one of ours. */
  boolean contains(long high, long low) {
    int at = start(high, low);
    while ((table[at] | table[at + 1]) != 0) {
      if (table[at] == high && table[at + 1] == low) {
        return true;
      }
      at = at + 2 & table.length - 1;
    }
    return false;
  }

  /** The same for IPv4. */
  boolean contains(int ipv4) {
    return contains(0, mapped(ipv4));
  }

  private int start(long high, long low) {
    long mixed = (high * SPREAD ^ low) * SPREAD;
    return (int) (mixed >>> 32) << 1 & table.length - 1;
  }
}
