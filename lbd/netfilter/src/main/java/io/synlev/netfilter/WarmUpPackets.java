package io.synlev.netfilter;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Packets for the warm-up when the caller knows no better: one of each kind, between documentation
 * addresses (RFC 5737, RFC 3849). Checksums are zero; nothing reads them.
 */
final class WarmUpPackets {

  private static final byte[] CLIENT4 = {(byte) 192, 0, 2, 1};
  private static final byte[] VIP4 = {(byte) 198, 51, 100, 1};
  private static final byte[] CLIENT6 = {
    0x20, 1, 0x0d, (byte) 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
  };
  private static final byte[] VIP6 = {
    0x20, 1, 0x0d, (byte) 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
  };
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ICMPV6 = 58;

  private WarmUpPackets() {}

  /** TCP, UDP and ICMP echo over IPv4 and IPv6. */
  static List<byte[]> all() {
    return List.of(
        ipv4(TCP, tcp()),
        ipv6(TCP, tcp()),
        ipv4(UDP, udp()),
        ipv6(UDP, udp()),
        ipv4(ICMP, echo(8)),
        ipv6(ICMPV6, echo(128)));
  }

  private static byte[] ipv4(int protocol, byte[] content) {
    return ByteBuffer.allocate(20 + content.length)
        .put((byte) 0x45)
        .put((byte) 0)
        .putShort((short) (20 + content.length))
        .putInt(0)
        .put((byte) 64)
        .put((byte) protocol)
        .putShort((short) 0)
        .put(CLIENT4)
        .put(VIP4)
        .put(content)
        .array();
  }

  private static byte[] ipv6(int protocol, byte[] content) {
    return ByteBuffer.allocate(40 + content.length)
        .putInt(0x6000_0000)
        .putShort((short) content.length)
        .put((byte) protocol)
        .put((byte) 64)
        .put(CLIENT6)
        .put(VIP6)
        .put(content)
        .array();
  }

  /** A SYN from port 40000 to port 80. */
  private static byte[] tcp() {
    return ByteBuffer.allocate(20)
        .putShort((short) 40000)
        .putShort((short) 80)
        .putInt(1)
        .putInt(0)
        .putShort((short) 0x5002)
        .putShort((short) 0xffff)
        .putInt(0)
        .array();
  }

  private static byte[] udp() {
    return ByteBuffer.allocate(8)
        .putShort((short) 40000)
        .putShort((short) 53)
        .putShort((short) 8)
        .putShort((short) 0)
        .array();
  }

  private static byte[] echo(int type) {
    return ByteBuffer.allocate(8)
        .put((byte) type)
        .put((byte) 0)
        .putShort((short) 0)
        .putInt(1)
        .array();
  }
}
