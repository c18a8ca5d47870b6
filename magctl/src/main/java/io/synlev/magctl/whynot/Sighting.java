package io.synlev.magctl.whynot;

import io.synlev.ffi.PacketSocket;
import io.synlev.packet.IpProtocol;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A packet that was seen and has to do with the probe.
 *
 * @param kind what it is
 * @param device where it was seen
 * @param isLeaving whether it left there; otherwise it came in
 * @param from its sender
 * @param to its addressee
 * @param ttl its time to live
 * @param nanos when it was seen, of {@link System#nanoTime}
 */
record Sighting(
    Kind kind,
    String device,
    boolean isLeaving,
    InetAddress from,
    InetAddress to,
    int ttl,
    long nanos) {

  /** What a packet is. */
  enum Kind {
    /** The client's packet. */
    PROBE,
    /** The server takes the connection, or says something. */
    ANSWER,
    /** The server takes no connections at this port. */
    REFUSAL,
    /** Somebody on the way cannot deliver it. */
    ERROR
  }

  /** Reads a packet; null if it is none of this flow. */
  static Sighting of(PacketSocket.Seen seen, String device, ProbeFlow flow, long nanos) {
    ByteBuffer packet = ByteBuffer.wrap(seen.bytes());
    boolean ipv6 = flow.isIpv6();
    int header = ipv6 ? 40 : 20;
    if (packet.limit() < header + 8 || packet.get(0) >> 4 != (ipv6 ? 6 : 4)) {
      return null;
    }
    int start = ipv6 ? header : (packet.get(0) & 0xf) * 4;
    if (packet.limit() < start + 8) {
      return null;
    }
    int protocol = packet.get(ipv6 ? 6 : 9) & 0xff;
    InetAddress from = address(packet, ipv6 ? 8 : 12, ipv6);
    InetAddress to = address(packet, ipv6 ? 24 : 16, ipv6);
    Kind kind = kind(packet, protocol, start, from, to, flow);
    if (kind == null) {
      return null;
    }
    int ttl = packet.get(ipv6 ? 7 : 8) & 0xff;
    return new Sighting(kind, device, seen.isLeaving(), from, to, ttl, nanos);
  }

  private static Kind kind(
      ByteBuffer packet,
      int protocol,
      int start,
      InetAddress from,
      InetAddress to,
      ProbeFlow flow) {
    if (isError(protocol, packet.get(start)) && to.equals(flow.source())) {
      return Kind.ERROR;
    }
    if (protocol != flow.protocol()) {
      return null;
    }
    int sourcePort = packet.getShort(start) & 0xffff;
    int port = packet.getShort(start + 2) & 0xffff;
    boolean isProbes = from.equals(flow.source()) && sourcePort == flow.sourcePort();
    boolean isAnswers = to.equals(flow.source()) && port == flow.sourcePort();
    if (isProbes) {
      return isReset(packet, protocol, start) ? null : Kind.PROBE;
    }
    if (!isAnswers) {
      return null;
    }
    return isReset(packet, protocol, start) ? Kind.REFUSAL : Kind.ANSWER;
  }

  private static boolean isReset(ByteBuffer packet, int protocol, int start) {
    return protocol == IpProtocol.TCP
        && packet.limit() >= start + 14
        && (packet.get(start + 13) & ProbePacket.RST) != 0;
  }

  /** RFC 792 and RFC 4443: unreachable, too big, time exceeded, parameter problem. */
  private static boolean isError(int protocol, byte type) {
    return protocol == IpProtocol.ICMP && (type == 3 || type == 11 || type == 12)
        || protocol == IpProtocol.ICMPV6 && type >= 1 && type <= 4;
  }

  private static InetAddress address(ByteBuffer packet, int at, boolean ipv6) {
    try {
      byte[] bytes = Arrays.copyOfRange(packet.array(), at, at + (ipv6 ? 16 : 4));
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Who sent it, for people. */
  String sender() {
    return Addresses.format(from);
  }
}
