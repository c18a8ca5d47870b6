package io.synlev.fastpath;

import io.synlev.memory.Memory;

/**
 * The Ethernet header of a frame, at an address: IEEE 802.3, and 802.1Q with one tag.
 *
 * <pre>
 *   0        6        12          14                     without a tag
 *   | to     | from   | type      | IP packet
 *   0        6        12     14   16     18              with one
 *   | to     | from   | 8100 | tag| type | IP packet
 * </pre>
 *
 * <p>Fields in network order. Hot: nothing but memory accesses.
 */
final class Ethernet {

  static final int ADDRESSES = 12;
  static final int HEADER = 14;
  static final int TAG = 4;

  static final int IPV4 = 0x0800;
  static final int ARP = 0x0806;
  static final int IPV6 = 0x86dd;

  /** Tag protocol identifiers: of 802.1Q, and of a service provider's 802.1ad. */
  static final int TAGGED = 0x8100;

  static final int PROVIDER_TAGGED = 0x88a8;

  /** For every station. */
  static final long BROADCAST = 0xffff_ffff_ffffL;

  private Ethernet() {}

  /** Where the IP packet begins, or 0 if there is none: no IP, a second tag, or too short. */
  static int headerLength(long frame, int length) {
    if (length <= HEADER) {
      return 0;
    }
    int type = Memory.getUnsignedShortBe(frame, ADDRESSES);
    if (type == IPV4 || type == IPV6) {
      return HEADER;
    }
    return taggedLength(frame, length, type);
  }

  private static int taggedLength(long frame, int length, int type) {
    if (type != TAGGED && type != PROVIDER_TAGGED || length <= HEADER + TAG) {
      return 0;
    }
    int inner = type(frame + ADDRESSES + TAG);
    return inner == IPV4 || inner == IPV6 ? HEADER + TAG : 0;
  }

  /** Where an ARP packet begins, behind at most one tag, or 0 if there is none. */
  static int arpOffset(long frame, int length) {
    if (length <= HEADER + TAG) {
      return 0;
    }
    int type = type(frame + ADDRESSES);
    if (type == ARP) {
      return HEADER;
    }
    boolean isTagged = type == TAGGED || type == PROVIDER_TAGGED;
    return isTagged && type(frame + ADDRESSES + TAG) == ARP ? HEADER + TAG : 0;
  }

  private static int type(long address) {
    return Memory.getShortBe(address) & 0xffff;
  }

  /** Sets both addresses, each six bytes with the first one highest. */
  static void putAddresses(long frame, long to, long from) {
    Memory.putLongBe(frame, 0, to << 16 | from >>> 32);
    Memory.putIntBe(frame, 8, (int) from);
  }

  /** Sets both addresses and the type behind them. */
  static void put(long frame, long to, long from, int type) {
    Memory.putLongBe(frame, 0, to << 16 | from >>> 32);
    Memory.putLongBe(frame, 6, from << 16 | type);
  }

  /** The address that it is for. */
  static long to(long frame) {
    return Memory.getLongBe(frame) >>> 16;
  }

  /** The address that it is from. */
  static long from(long frame) {
    return (Memory.getShortBe(frame + 6) & 0xffffL) << 32
        | Memory.getIntBe(frame + 8) & 0xffff_ffffL;
  }

  /** The six bytes at any place, first byte highest. */
  static long address(long at) {
    return (Memory.getShortBe(at) & 0xffffL) << 32 | Memory.getIntBe(at + 2) & 0xffff_ffffL;
  }

  /** Puts six bytes at any place, first byte highest. */
  static void putAddress(long at, long address) {
    Memory.putShortBe(at, (short) (address >>> 32));
    Memory.putIntBe(at + 2, (int) address);
  }

  /** Whether it is for more than one station. */
  static boolean isMulticast(long address) {
    return (address >>> 40 & 1) != 0;
  }
}
