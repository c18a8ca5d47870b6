package io.synlev.fastpath;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Makes frames byte by byte, for tests: shares nothing with the code under test.
 *
 * <p>A builder: addresses and ports first, then what is unusual.
 */
final class Frame {

  static final String CLIENT_MAC = "02aaaaaaaa01";
  static final String ROUTER_MAC = "02aaaaaaaa02";

  private final byte[] source;
  private final byte[] destination;
  private int protocol = 6;
  private int sourcePort = 40000;
  private int destinationPort = 80;
  private int payload = 26;
  private int ttl = 64;
  private int fragment = 0x4000;
  private int trafficClass;
  private int vlan = -1;
  private int padding;
  private int tcpFlags = 2;
  private byte[] quotedDestination;

  private Frame(String source, String destination) {
    this.source = InetAddress.ofLiteral(source).getAddress();
    this.destination = InetAddress.ofLiteral(destination).getAddress();
  }

  static Frame of(String source, String destination) {
    return new Frame(source, destination);
  }

  Frame udp() {
    protocol = 17;
    return this;
  }

  Frame echo() {
    protocol = source.length == 4 ? 1 : 58;
    return this;
  }

  Frame tcpFlags(int flags) {
    tcpFlags = flags;
    return this;
  }

  /** An ICMP error, IPv4: the UDP datagram from our destination to a client cannot be delivered. */
  Frame unreachable(String client) {
    protocol = 1;
    quotedDestination = InetAddress.ofLiteral(client).getAddress();
    return this;
  }

  Frame ports(int from, int to) {
    sourcePort = from;
    destinationPort = to;
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

  /** Flags and offset as the IPv4 header has them. */
  Frame fragment(int field) {
    fragment = field;
    return this;
  }

  Frame trafficClass(int value) {
    trafficClass = value;
    return this;
  }

  Frame vlan(int tag) {
    vlan = tag;
    return this;
  }

  /** Bytes behind the IP packet. */
  Frame padding(int bytes) {
    padding = bytes;
    return this;
  }

  byte[] bytes() {
    byte[] transport = transport();
    boolean isIpv4 = source.length == 4;
    int header = isIpv4 ? 20 : 40;
    int ethernet = vlan < 0 ? 14 : 18;
    ByteBuffer out = ByteBuffer.allocate(ethernet + header + transport.length + padding);
    out.put(hex(ROUTER_MAC)).put(hex(CLIENT_MAC));
    if (vlan >= 0) {
      out.putShort((short) 0x8100).putShort((short) vlan);
    }
    out.putShort((short) (isIpv4 ? 0x0800 : 0x86dd));
    if (isIpv4) {
      ByteBuffer ip = ByteBuffer.allocate(20);
      ip.put((byte) 0x45).put((byte) trafficClass).putShort((short) (20 + transport.length));
      ip.putShort((short) 0x1234).putShort((short) fragment);
      ip.put((byte) ttl).put((byte) protocol).putShort((short) 0).put(source).put(destination);
      ip.putShort(10, (short) checksum(ip.array(), 0, 20));
      out.put(ip.array());
    } else {
      out.putInt(6 << 28 | trafficClass << 20 | 0x4321).putShort((short) transport.length);
      out.put((byte) protocol).put((byte) ttl).put(source).put(destination);
    }
    return out.put(transport).array();
  }

  /** RFC 792: type 3, code 3, and the header and eight bytes of the packet that it is about. */
  private byte[] error() {
    ByteBuffer out = ByteBuffer.allocate(8 + 28);
    out.put((byte) 3).put((byte) 3).putShort((short) 0).putInt(0);
    out.put((byte) 0x45).put((byte) 0).putShort((short) 28).putInt(0);
    out.put((byte) 60).put((byte) 17).putShort((short) 0).put(destination).put(quotedDestination);
    out.putShort((short) destinationPort).putShort((short) sourcePort);
    return out.putShort((short) 8).putShort((short) 0).array();
  }

  private byte[] transport() {
    if (quotedDestination != null) {
      return error();
    }
    ByteBuffer out = ByteBuffer.allocate((protocol == 6 ? 20 : 8) + payload);
    if (protocol == 1 || protocol == 58) {
      out.put((byte) (protocol == 1 ? 8 : 128)).put((byte) 0).putShort((short) 0);
      out.putShort((short) sourcePort).putShort((short) 1);
    } else {
      out.putShort((short) sourcePort).putShort((short) destinationPort);
      if (protocol == 6) {
        out.putLong(7).put((byte) 0x50).put((byte) tcpFlags).putShort((short) 512).putInt(0);
      } else {
        out.putShort((short) (8 + payload)).putShort((short) 0);
      }
    }
    while (out.hasRemaining()) {
      out.put((byte) (out.position() * 5));
    }
    return out.array();
  }

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  /** RFC 1071 over bytes, an odd last one followed by 0. */
  static int checksum(byte[] bytes, int from, int length) {
    long sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (long) (bytes[from + i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
    }
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return (int) ~sum & 0xffff;
  }
}
