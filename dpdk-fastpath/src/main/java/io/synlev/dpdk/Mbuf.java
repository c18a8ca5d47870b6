package io.synlev.dpdk;

import io.synlev.memory.Memory;

/**
 * A packet's buffer, at an address: the fields of struct rte_mbuf, rte_mbuf_core.h, in the
 * machine's byte order.
 *
 * <p>Hot: nothing but memory accesses. An mbuf belongs to whoever received it until it is
 * transmitted or freed.
 *
 * <pre>
 *   mbuf (128 B) | headroom (128 B) | data ...                | tailroom
 *                ^ buffer()         ^ data() = buffer + data_off
 *                                     data_len bytes in this segment, pkt_len in all
 * </pre>
 */
public final class Mbuf {

  /** How many bytes a fresh packet leaves free before its data. */
  public static final int HEADROOM = Layout2211.MBUF_HEADROOM;

  private Mbuf() {}

  /** The address of the first byte of the packet. */
  public static long data(long mbuf) {
    return buffer(mbuf) + headroom(mbuf);
  }

  /** The address where the room for data begins. */
  public static long buffer(long mbuf) {
    return Memory.getLong(mbuf, Layout2211.MBUF_BUF_ADDR);
  }

  /** How many bytes are free before the packet. */
  public static int headroom(long mbuf) {
    return Memory.getUnsignedShort(mbuf, Layout2211.MBUF_DATA_OFF);
  }

  /** How many bytes are there from the first one on, all segments but the first left out. */
  public static int dataLength(long mbuf) {
    return Memory.getUnsignedShort(mbuf, Layout2211.MBUF_DATA_LEN);
  }

  /** How many bytes all segments have. */
  public static int packetLength(long mbuf) {
    return Memory.getInt(mbuf, Layout2211.MBUF_PKT_LEN);
  }

  /** How many segments the packet has; one unless receiving was configured to scatter. */
  public static int segments(long mbuf) {
    return Memory.getUnsignedShort(mbuf, Layout2211.MBUF_NB_SEGS);
  }

  /** How many bytes the room for data has. */
  public static int bufferLength(long mbuf) {
    return Memory.getUnsignedShort(mbuf, Layout2211.MBUF_BUF_LEN);
  }

  /** The port it was received on. */
  public static int port(long mbuf) {
    return Memory.getUnsignedShort(mbuf, Layout2211.MBUF_PORT);
  }

  /** The pool that it goes back to. */
  static long pool(long mbuf) {
    return Memory.getLong(mbuf, Layout2211.MBUF_POOL);
  }

  /** What the port computed over the packet's addresses and ports, if it did. */
  public static int rssHash(long mbuf) {
    return Memory.getInt(mbuf, Layout2211.MBUF_HASH);
  }

  /**
   * Sets how long a packet in one segment is.
   *
   * @param bytes at most what is behind {@link #data}
   */
  public static void setLength(long mbuf, int bytes) {
    Memory.putInt(mbuf, Layout2211.MBUF_PKT_LEN, bytes);
    Memory.putShort(mbuf, Layout2211.MBUF_DATA_LEN, (short) bytes);
  }

  /** Moves the packet's beginning; its length is the caller's business. */
  public static void setHeadroom(long mbuf, int bytes) {
    Memory.putShort(mbuf, Layout2211.MBUF_DATA_OFF, (short) bytes);
  }

  /**
   * Asks the port to compute the IPv4 header's checksum, whose field must be 0.
   *
   * @param l2Length bytes before the IPv4 header, at most 127
   * @param l3Length bytes of that header, at most 511
   */
  public static void offloadIpv4Checksum(long mbuf, int l2Length, int l3Length) {
    long flags = Memory.getLong(mbuf, Layout2211.MBUF_OL_FLAGS);
    Memory.putLong(
        mbuf,
        Layout2211.MBUF_OL_FLAGS,
        flags | Layout2211.MBUF_TX_IPV4 | Layout2211.MBUF_TX_IP_CKSUM);
    Memory.putLong(
        mbuf,
        Layout2211.MBUF_TX_OFFLOAD,
        l2Length | (long) l3Length << Layout2211.MBUF_L2_LEN_BITS);
  }

  /** Whether the port is asked to compute the IPv4 header's checksum. */
  public static boolean isChecksumOffloaded(long mbuf) {
    return (Memory.getLong(mbuf, Layout2211.MBUF_OL_FLAGS) & Layout2211.MBUF_TX_IP_CKSUM) != 0;
  }

  /** Makes a buffer out of a pool an empty packet in one segment. */
  static void reset(long mbuf) {
    Memory.putShort(mbuf, Layout2211.MBUF_DATA_OFF, (short) HEADROOM);
    Memory.putShort(mbuf, Layout2211.MBUF_REFCNT, (short) 1);
    Memory.putShort(mbuf, Layout2211.MBUF_NB_SEGS, (short) 1);
    Memory.putShort(mbuf, Layout2211.MBUF_PORT, (short) -1);
    Memory.putLong(mbuf, Layout2211.MBUF_OL_FLAGS, 0);
    Memory.putInt(mbuf, Layout2211.MBUF_PACKET_TYPE, 0);
    Memory.putLong(mbuf, Layout2211.MBUF_NEXT, 0);
    Memory.putLong(mbuf, Layout2211.MBUF_TX_OFFLOAD, 0);
    setLength(mbuf, 0);
  }
}
