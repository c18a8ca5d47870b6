package io.synlev.fastpath;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * What neighbours say to each other, byte by byte from RFC 826 and RFC 4861: shares nothing with
 * the code under test. MAC addresses are twelve hexadecimal digits.
 */
final class Talk {

  static final String ALL = "ffffffffffff";
  static final String NOBODY = "000000000000";

  private Talk() {}

  /** An ARP packet in a frame: operation 1 asks, 2 answers. */
  static byte[] arp(
      String to,
      String from,
      int operation,
      String senderMac,
      String sender,
      String targetMac,
      String target) {
    ByteBuffer out = ByteBuffer.allocate(42);
    out.put(Frame.hex(to)).put(Frame.hex(from)).putShort((short) 0x0806);
    out.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
    out.putShort((short) operation);
    out.put(Frame.hex(senderMac)).put(bytes(sender));
    out.put(Frame.hex(targetMac)).put(bytes(target));
    return out.array();
  }

  /** A broadcast request. */
  static byte[] whoHas(String mac, String sender, String target) {
    return arp(ALL, mac, 1, mac, sender, NOBODY, target);
  }

  /** A reply to one station. */
  static byte[] isAt(String to, String target, String mac, String sender) {
    return arp(to, mac, 2, mac, sender, to, target);
  }

  /**
   * A neighbour solicitation (135) or advertisement (136) in a frame.
   *
   * @param flags the four bytes behind the checksum
   * @param options behind the target
   */
  static byte[] discovery(
      String to,
      String from,
      String source,
      String destination,
      int type,
      int flags,
      String target,
      byte[] options) {
    int length = 24 + options.length;
    ByteBuffer out = ByteBuffer.allocate(54 + length);
    out.put(Frame.hex(to)).put(Frame.hex(from)).putShort((short) 0x86dd);
    out.putInt(0x6000_0000).putShort((short) length).put((byte) 58).put((byte) 255);
    out.put(bytes(source)).put(bytes(destination));
    out.put((byte) type).put((byte) 0).putShort((short) 0).putInt(flags);
    out.put(bytes(target)).put(options);
    return seal(out.array());
  }

  /** A link-layer address option: type 1 names the source, 2 the target. */
  static byte[] option(int type, String mac) {
    return ByteBuffer.allocate(8).put((byte) type).put((byte) 1).put(Frame.hex(mac)).array();
  }

  /** The group of an address: ff02::1:ff and its last 24 bits. */
  static String group(String address) {
    byte[] bytes = bytes(address);
    return "ff02::1:ff%02x:%x".formatted(bytes[13], (bytes[14] & 0xff) << 8 | bytes[15] & 0xff);
  }

  /** That group's Ethernet address. */
  static String groupMac(String address) {
    byte[] bytes = bytes(address);
    return "3333ff%02x%02x%02x".formatted(bytes[13], bytes[14], bytes[15]);
  }

  /** A solicitation to the group of its target. */
  static byte[] whoHas6(String mac, String source, String target) {
    return discovery(groupMac(target), mac, source, group(target), 135, 0, target, option(1, mac));
  }

  /** A solicited advertisement that overrides. */
  static byte[] isAt6(String to, String destination, String mac, String target) {
    return discovery(to, mac, target, destination, 136, 0x6000_0000, target, option(2, mac));
  }

  /** An echo request or reply of a type to one station. */
  static byte[] echo(
      String to, String from, String source, String destination, int type, int ttl, int size) {
    boolean isIpv4 = bytes(source).length == 4;
    ByteBuffer out = ByteBuffer.allocate(14 + (isIpv4 ? 20 : 40) + 8 + size);
    out.put(Frame.hex(to)).put(Frame.hex(from)).putShort((short) (isIpv4 ? 0x0800 : 0x86dd));
    if (isIpv4) {
      out.putShort((short) 0x4500).putShort((short) (28 + size)).putInt(0x1234_4000);
      out.put((byte) ttl).put((byte) 1).putShort((short) 0);
    } else {
      out.putInt(0x6000_0000).putShort((short) (8 + size)).put((byte) 58).put((byte) ttl);
    }
    out.put(bytes(source)).put(bytes(destination));
    out.put((byte) type).put((byte) 0).putShort((short) 0).putInt(0x0102_0304);
    for (int i = 0; i < size; i++) {
      out.put((byte) (i * 3));
    }
    byte[] frame = out.array();
    if (isIpv4) {
      out.putShort(24, (short) Frame.checksum(frame, 14, 20));
      out.putShort(36, (short) Frame.checksum(frame, 34, 8 + size));
      return frame;
    }
    return seal(frame);
  }

  /** Makes an ICMPv6 message's checksum right: RFC 4443, 2.3. */
  static byte[] seal(byte[] frame) {
    int length = frame.length - 54;
    ByteBuffer sum = ByteBuffer.allocate(40 + length);
    sum.put(frame, 22, 32).putInt(length).putInt(58).put(frame, 54, length);
    sum.putShort(42, (short) 0);
    ByteBuffer.wrap(frame).putShort(56, (short) Frame.checksum(sum.array(), 0, 40 + length));
    return frame;
  }

  /** The same frame with a VLAN tag. */
  static byte[] tagged(byte[] frame, int tag) {
    return ByteBuffer.allocate(frame.length + 4)
        .put(frame, 0, 12)
        .putShort((short) 0x8100)
        .putShort((short) tag)
        .put(frame, 12, frame.length - 12)
        .array();
  }

  static byte[] bytes(String address) {
    return InetAddress.ofLiteral(address).getAddress();
  }
}
