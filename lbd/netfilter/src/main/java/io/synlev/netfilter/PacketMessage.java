package io.synlev.netfilter;

import io.synlev.memory.Memory;
import io.synlev.netlink.Netlink;

/**
 * The attributes of one NFQNL_MSG_PACKET, read in place; nfnetlink_queue.h.
 *
 * <p>Reads nothing outside the message. Hot: reused, no allocation, no exception.
 */
final class PacketMessage {

  private boolean hasId;
  private int id;
  private int mark;
  private boolean cut;
  private int inDevice;
  private long payload;
  private int payloadLength;

  /**
   * Reads a message.
   *
   * @param address where it starts, at its netlink header
   * @param length how many bytes of it may be read, header included
   * @return null when it is sound, otherwise what is wrong; {@link #hasId()} is right in either
   *     case
   */
  QueueCounter read(long address, int length) {
    hasId = false;
    id = 0;
    mark = 0;
    cut = false;
    inDevice = 0;
    payload = 0;
    long end = address + length;
    long at = address + Nfqueue.NF_HEADER_BYTES;
    while (end - at >= Netlink.ATTRIBUTE_HEADER_BYTES) {
      int bytes = Memory.getShort(at) & 0xffff;
      if (bytes < Netlink.ATTRIBUTE_HEADER_BYTES || bytes > end - at) {
        return QueueCounter.MESSAGES_BAD_ATTRIBUTE;
      }
      int type = Memory.getShort(at + 2) & Netlink.ATTRIBUTE_TYPE_MASK;
      if (!take(
          type, at + Netlink.ATTRIBUTE_HEADER_BYTES, bytes - Netlink.ATTRIBUTE_HEADER_BYTES)) {
        return QueueCounter.MESSAGES_BAD_ATTRIBUTE;
      }
      at += Netlink.align(bytes);
    }
    if (!hasId) {
      return QueueCounter.MESSAGES_NO_PACKET_HEADER;
    }
    return payload == 0 ? QueueCounter.MESSAGES_NO_PAYLOAD : null;
  }

  private boolean take(int type, long value, int bytes) {
    switch (type) {
      case Nfqueue.NFQA_PACKET_HDR -> {
        if (bytes < Nfqueue.PACKET_HDR_BYTES) {
          return false;
        }
        hasId = true;
        id = Memory.getIntBe(value);
      }
      case Nfqueue.NFQA_MARK -> {
        if (bytes < 4) {
          return false;
        }
        mark = Memory.getIntBe(value);
      }
      case Nfqueue.NFQA_IFINDEX_INDEV -> inDevice = bytes < 4 ? 0 : Memory.getIntBe(value);
      case Nfqueue.NFQA_CAP_LEN -> {
        if (bytes < 4) {
          return false;
        }
        cut = true; // the kernel sends the whole length only when it is not all here
      }
      case Nfqueue.NFQA_PAYLOAD -> {
        payload = value;
        payloadLength = bytes;
      }
      default -> {
        // other interfaces, time, hardware address and so on: not asked about
      }
    }
    return true;
  }

  /** Whether the packet's id was found, so that a verdict can be given. */
  boolean hasId() {
    return hasId;
  }

  /** The packet's id in the queue, as a verdict names it. */
  int id() {
    return id;
  }

  /** The packet's mark; 0 when the kernel sent none. */
  int mark() {
    return mark;
  }

  /** The index of the interface it came in by; 0 when the kernel told none. */
  int inDevice() {
    return inDevice;
  }

  /** Whether the packet is longer than the copy range. */
  boolean isCut() {
    return cut;
  }

  /** Where the packet starts, at its IP header. */
  long payload() {
    return payload;
  }

  /** How many bytes of the packet are there. */
  int payloadLength() {
    return payloadLength;
  }
}
