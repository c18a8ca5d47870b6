package io.synlev.magctl.whynot;

import io.synlev.packet.IpProtocol;
import java.nio.ByteBuffer;

/**
 * Packets of a probe, from the IP header on, with their checksums: RFC 791, RFC 8200, RFC 9293, RFC
 * 768, RFC 1071.
 */
final class ProbePacket {
  /** Enough to reach a server, and too few to go round for long. */
  static final int TTL = 16;

  static final int SYN = 0x02;
  static final int RST = 0x04;
  static final int ACK = 0x10;

  private static final int TCP_HEADER = 20;
  private static final int UDP_HEADER = 8;
  private static final int IPV4_HEADER = 20;
  private static final int IPV6_HEADER = 40;
  private static final int WINDOW = 64240;
  private static final int DO_NOT_FRAGMENT = 0x4000;

  private ProbePacket() {}

  /** The flow's first packet: a SYN, or an empty datagram. */
  static byte[] first(ProbeFlow flow, int sequence) {
    return of(flow, sequence, SYN);
  }

  /** Ends what the first packet began at the server. */
  static byte[] reset(ProbeFlow flow, int sequence) {
    return of(flow, sequence + 1, RST);
  }

  private static byte[] of(ProbeFlow flow, int sequence, int flags) {
    int header = flow.isIpv6() ? IPV6_HEADER : IPV4_HEADER;
    int payload = flow.isTcp() ? TCP_HEADER : UDP_HEADER;
    ByteBuffer packet = ByteBuffer.allocate(header + payload);
    if (flow.isIpv6()) {
      packet.putInt(0x6000_0000).putShort((short) payload);
      packet.put((byte) flow.protocol()).put((byte) TTL);
    } else {
      packet.putShort((short) 0x4500).putShort((short) packet.capacity());
      packet.putShort((short) 0).putShort((short) DO_NOT_FRAGMENT);
      packet.put((byte) TTL).put((byte) flow.protocol()).putShort((short) 0);
    }
    packet.put(flow.source().getAddress()).put(flow.destination().getAddress());
    packet.putShort((short) flow.sourcePort()).putShort((short) flow.port());
    if (flow.isTcp()) {
      packet.putInt(sequence).putInt(0);
      packet.putShort((short) (TCP_HEADER / 4 << 12 | flags)).putShort((short) WINDOW);
    } else {
      packet.putShort((short) UDP_HEADER);
    }
    checksums(packet, header, payload, flow);
    return packet.array();
  }

  private static void checksums(ByteBuffer packet, int header, int payload, ProbeFlow flow) {
    if (!flow.isIpv6()) {
      packet.putShort(10, fold(sum(packet, 0, header)));
    }
    int addresses = flow.isIpv6() ? 32 : 8;
    long pseudo = sum(packet, header - addresses, addresses) + payload + flow.protocol();
    short checksum = fold(pseudo + sum(packet, header, payload));
    boolean isUdp = flow.protocol() == IpProtocol.UDP;
    packet.putShort(header + (isUdp ? 6 : 16), isUdp && checksum == 0 ? -1 : checksum);
  }

  private static long sum(ByteBuffer packet, int at, int bytes) {
    long sum = 0;
    for (int i = at; i < at + bytes; i += 2) {
      sum += packet.getShort(i) & 0xffff;
    }
    return sum;
  }

  private static short fold(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (short) ~folded;
  }
}
