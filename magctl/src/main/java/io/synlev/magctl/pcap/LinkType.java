package io.synlev.magctl.pcap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What a captured frame starts with, and where the IP packet in it is.
 *
 * <p>Numbers and layouts: tcpdump.org, "Link-layer header types" (LINKTYPE_ values). Fields are in
 * network byte order.
 */
final class LinkType {

  /** IP packets alone. */
  static final int RAW = 101;

  private static final int ETHERNET = 1;
  private static final int RAW_BSD = 12;
  private static final int RAW_OPENBSD = 14;
  private static final int LINUX_SLL = 113;
  private static final int IPV4 = 228;
  private static final int IPV6 = 229;
  private static final int LINUX_SLL2 = 276;

  private static final int ETHERTYPE_IPV4 = 0x0800;
  private static final int ETHERTYPE_IPV6 = 0x86dd;

  /** IEEE 802.1Q, 802.1ad, and what was used for the outer tag before that. */
  private static final int[] TAGS = {0x8100, 0x88a8, 0x9100};

  private static final int TAG_BYTES = 4;

  private LinkType() {}

  /**
   * Finds the IP packet in a frame.
   *
   * @param linkType a LINKTYPE_ value
   * @return the packet, or why there is none
   */
  static CapturedPacket packet(long number, long epochNanos, int linkType, byte[] frame) {
    return switch (linkType) {
      case ETHERNET -> behindType(number, epochNanos, frame, 12, 14);
      case LINUX_SLL -> behindType(number, epochNanos, frame, 14, 16);
      case LINUX_SLL2 -> behindType(number, epochNanos, frame, 0, 20);
      case RAW, RAW_BSD, RAW_OPENBSD, IPV4, IPV6 ->
          new CapturedPacket(number, epochNanos, frame, null);
      default ->
          skipped(
              number,
              epochNanos,
              "link type "
                  + linkType
                  + " is not known here: Ethernet, raw IP and Linux cooked (1, 101, 113, 276) are");
    };
  }

  private static CapturedPacket behindType(
      long number, long epochNanos, byte[] frame, int typeAt, int payloadAt) {
    if (frame.length < payloadAt) {
      return skipped(number, epochNanos, "the frame ends inside its link header");
    }
    ByteBuffer bytes = ByteBuffer.wrap(frame).order(ByteOrder.BIG_ENDIAN);
    int type = bytes.getShort(typeAt) & 0xffff;
    int at = payloadAt;
    while (isTag(type)) {
      if (frame.length < at + TAG_BYTES) {
        return skipped(number, epochNanos, "the frame ends inside a VLAN tag");
      }
      // Two bytes of priority and VLAN, then the type of what follows.
      type = bytes.getShort(at + 2) & 0xffff;
      at += TAG_BYTES;
    }
    if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6) {
      return skipped(number, epochNanos, "no IP: ethertype 0x" + Integer.toHexString(type));
    }
    return new CapturedPacket(
        number, epochNanos, Arrays.copyOfRange(frame, at, frame.length), null);
  }

  private static boolean isTag(int type) {
    for (int tag : TAGS) {
      if (type == tag) {
        return true;
      }
    }
    return false;
  }

  private static CapturedPacket skipped(long number, long epochNanos, String why) {
    return new CapturedPacket(number, epochNanos, new byte[0], why);
  }
}
