package io.synlev.magctl;

import io.synlev.packet.FlowKey;
import io.synlev.packet.IcmpHeader;
import io.synlev.packet.IpProtocol;
import java.nio.ByteBuffer;

/** Makes the first packet of a flow: what steering would get to see. Checksums are left out. */
final class FlowPacket {
  private static final int TCP_HEADER = 20;
  private static final int UDP_HEADER = 8;

  /** Common header and the head of an INIT chunk (RFC 9260, sections 3.1 and 3.3.2). */
  private static final int SCTP_HEADER = 32;

  private static final int ECHO_HEADER = 8;

  private FlowPacket() {}

  /**
   * The bytes from the IP header on.
   *
   * @param tcpFlags the flags of a TCP packet
   */
  static byte[] of(FlowText flow, int tcpFlags) {
    FlowKey key = flow.key();
    boolean isIpv4 = key.family == FlowKey.IPV4;
    int payload = payload(key);
    ByteBuffer bytes = ByteBuffer.allocate((isIpv4 ? 20 : 40) + payload);
    if (isIpv4) {
      // RFC 791, section 3.1.
      bytes.putShort((short) 0x4500).putShort((short) bytes.capacity()).putInt(0);
      bytes.put((byte) 64).put((byte) key.protocol).putShort((short) 0);
      bytes.putInt((int) key.sourceLow).putInt((int) key.destinationLow);
    } else {
      // RFC 8200, section 3.
      bytes.putInt(0x6000_0000).putShort((short) payload);
      bytes.put((byte) key.protocol).put((byte) 64);
      bytes.putLong(key.sourceHigh).putLong(key.sourceLow);
      bytes.putLong(key.destinationHigh).putLong(key.destinationLow);
    }
    putPayload(bytes, key, tcpFlags);
    return bytes.array();
  }

  private static int payload(FlowKey key) {
    return switch (key.protocol) {
      case IpProtocol.TCP -> TCP_HEADER;
      case IpProtocol.UDP -> UDP_HEADER;
      case IpProtocol.SCTP -> SCTP_HEADER;
      default -> ECHO_HEADER;
    };
  }

  private static void putPayload(ByteBuffer bytes, FlowKey key, int tcpFlags) {
    int at = bytes.position();
    switch (key.protocol) {
      case IpProtocol.TCP ->
          // Five words, and the flags.
          bytes.putInt(key.ports).putShort(at + 12, (short) (0x5000 | tcpFlags));
      case IpProtocol.UDP -> bytes.putInt(key.ports).putShort((short) UDP_HEADER);
      case IpProtocol.SCTP ->
          // An INIT chunk of twenty bytes.
          bytes.putInt(key.ports).putInt(at + 12, 0x0100_0014);
      case IpProtocol.ICMP -> putEcho(bytes, key, IcmpHeader.ECHO_REQUEST);
      case IpProtocol.ICMPV6 -> putEcho(bytes, key, IcmpHeader.ECHO_REQUEST_V6);
      default -> {
        // Eight bytes of nothing that is known here.
      }
    }
  }

  private static void putEcho(ByteBuffer bytes, FlowKey key, int type) {
    bytes.putInt(type << 24).putShort((short) (key.ports >>> 16));
  }
}
