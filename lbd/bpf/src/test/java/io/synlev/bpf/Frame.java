package io.synlev.bpf;

import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Builds Ethernet frames with an IP packet from a client to a VIP. */
final class Frame {

  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int ACK = 16;

  private static final int ETHERNET_BYTES = 14;

  private final InetAddress source;
  private final InetAddress destination;
  private final int protocol;
  private final int ports;
  private int tcpFlags = ACK;
  private int payload;
  private int ttl = 64;
  private int fragment = 0x4000; // don't fragment
  private int ipOptions;
  private int padding;
  private int etherType;

  private Frame(String source, String destination, int protocol, int sourcePort) {
    try {
      this.source = InetAddress.ofLiteral(source);
      this.destination = InetAddress.ofLiteral(destination);
    } catch (IllegalArgumentException e) {
      throw new AssertionError(e);
    }
    this.protocol = protocol;
    ports = sourcePort << 16 | 80;
    etherType = isIpv4() ? 0x0800 : 0x86dd;
  }

  /** A client's packet to port 80 of the VIP of either family. */
  static Frame of(int family, int protocol, int client) {
    return family == FlowKey.IPV4
        ? new Frame(
            "50.0.%d.%d".formatted(client >> 8 & 255, client & 255), "10.0.0.1", protocol, 4711)
        : new Frame("2001:db8:5::%x".formatted(client & 0xffff), "1000::1", protocol, 4711);
  }

  boolean isIpv4() {
    return source.getAddress().length == 4;
  }

  Frame tcpFlags(int flags) {
    tcpFlags = flags;
    return this;
  }

  Frame payload(int bytes) {
    payload = bytes;
    return this;
  }

  Frame ttl(int hops) {
    ttl = hops;
    return this;
  }

  /** IPv4: the field with flags and offset. */
  Frame fragment(int field) {
    fragment = field;
    return this;
  }

  /** IPv4: words of options (no operation). */
  Frame ipOptions(int words) {
    ipOptions = words;
    return this;
  }

  /** Bytes behind the IP packet. */
  Frame padding(int bytes) {
    padding = bytes;
    return this;
  }

  Frame etherType(int type) {
    etherType = type;
    return this;
  }

  FlowKey key() {
    FlowKey key = new FlowKey();
    ByteBuffer from = ByteBuffer.wrap(source.getAddress());
    ByteBuffer to = ByteBuffer.wrap(destination.getAddress());
    if (isIpv4()) {
      key.ipv4(from.getInt(), to.getInt(), protocol, ports);
    } else {
      key.ipv6(from.getLong(), from.getLong(), to.getLong(), to.getLong(), protocol, ports);
    }
    return key;
  }

  private int transportBytes() {
    return protocol == IpProtocol.TCP ? 20 : protocol == IpProtocol.SCTP ? 12 : 8;
  }

  /** Bytes of the IP packet. */
  int ipBytes() {
    return (isIpv4() ? 20 + 4 * ipOptions : 40) + transportBytes() + payload;
  }

  byte[] bytes() {
    ByteBuffer frame = ByteBuffer.allocate(ETHERNET_BYTES + ipBytes() + padding);
    frame.position(12);
    frame.putShort((short) etherType);
    if (isIpv4()) {
      putIpv4(frame);
    } else {
      frame.putInt(0x6000_0000);
      frame.putShort((short) (transportBytes() + payload));
      frame.put((byte) protocol).put((byte) ttl);
      frame.put(source.getAddress()).put(destination.getAddress());
    }
    int transport = frame.position();
    frame.putInt(ports);
    if (protocol == IpProtocol.TCP) {
      frame.put(transport + 12, (byte) 0x50).put(transport + 13, (byte) tcpFlags);
    } else if (protocol == IpProtocol.UDP) {
      frame.putShort(transport + 4, (short) (8 + payload));
    }
    return frame.array();
  }

  private void putIpv4(ByteBuffer frame) {
    int start = frame.position();
    frame.put((byte) (0x45 + ipOptions)).put((byte) 0).putShort((short) ipBytes());
    frame.putShort((short) 1).putShort((short) fragment);
    frame.put((byte) ttl).put((byte) protocol).putShort((short) 0);
    frame.put(source.getAddress()).put(destination.getAddress());
    for (int i = 0; i < ipOptions; i++) {
      frame.putInt(0x0101_0101);
    }
    frame.putShort(start + 10, checksum(frame, start, 20 + 4 * ipOptions));
  }

  /** The header's checksum (RFC 1071); 0 over a header that has the right one. */
  static short checksum(ByteBuffer frame, int start, int bytes) {
    int sum = 0;
    for (int i = 0; i < bytes; i += 2) {
      sum += Short.toUnsignedInt(frame.getShort(start + i));
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    return (short) ~sum;
  }

  static InetAddress address(String literal) throws UnknownHostException {
    return InetAddress.ofLiteral(literal);
  }
}
