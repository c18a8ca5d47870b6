package io.synlev.nat;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * A packet as what it says, and the bytes that say it: every checksum is computed from the first to
 * the last byte. Shares nothing with the code under test.
 *
 * @param from literal address
 * @param to of the same family
 * @param protocol 6 or 17, or another whose header begins with ports
 * @param flags of TCP
 * @param data behind the transport header
 * @param options between IP header and transport header: IPv4 options, or IPv6 extension headers
 *     the last of which says what follows
 * @param firstOption the type of the first IPv6 extension header
 * @param identification of IPv4
 * @param fragment flags and offset as the IPv4 header has them
 * @param hasSum whether UDP has a checksum
 */
record Packet(
    String from,
    String to,
    int protocol,
    int fromPort,
    int toPort,
    int flags,
    byte[] data,
    byte[] options,
    int firstOption,
    int identification,
    int fragment,
    boolean hasSum) {

  static final int TCP = 6;
  static final int UDP = 17;

  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int ACK = 16;

  static final int DONT_FRAGMENT = 0x4000;

  static Packet tcp(String from, int fromPort, String to, int toPort, int flags) {
    return of(TCP, from, fromPort, to, toPort, flags);
  }

  static Packet udp(String from, int fromPort, String to, int toPort) {
    return of(UDP, from, fromPort, to, toPort, 0);
  }

  static Packet of(int protocol, String from, int fromPort, String to, int toPort, int flags) {
    byte[] none = {};
    return new Packet(
        from, to, protocol, fromPort, toPort, flags, none, none, 0, 0x1234, DONT_FRAGMENT, true);
  }

  Packet with(String data) {
    return with(data.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  Packet with(byte[] itsData) {
    return new Packet(
        from,
        to,
        protocol,
        fromPort,
        toPort,
        flags,
        itsData,
        options,
        firstOption,
        identification,
        fragment,
        hasSum);
  }

  Packet options(int first, byte... itsOptions) {
    return new Packet(
        from,
        to,
        protocol,
        fromPort,
        toPort,
        flags,
        data,
        itsOptions,
        first,
        identification,
        fragment,
        hasSum);
  }

  Packet flags(int itsFlags) {
    return new Packet(
        from,
        to,
        protocol,
        fromPort,
        toPort,
        itsFlags,
        data,
        options,
        firstOption,
        identification,
        fragment,
        hasSum);
  }

  Packet fragment(int itsIdentification, int field) {
    return new Packet(
        from,
        to,
        protocol,
        fromPort,
        toPort,
        flags,
        data,
        options,
        firstOption,
        itsIdentification,
        field,
        hasSum);
  }

  Packet withoutSum() {
    return new Packet(
        from,
        to,
        protocol,
        fromPort,
        toPort,
        flags,
        data,
        options,
        firstOption,
        identification,
        fragment,
        false);
  }

  /** The same between others: what translating it is to make of it. */
  Packet between(String source, int sourcePort, String destination, int destinationPort) {
    return new Packet(
        source,
        destination,
        protocol,
        sourcePort,
        destinationPort,
        flags,
        data,
        options,
        firstOption,
        identification,
        fragment,
        hasSum);
  }

  /** What answers it. */
  Packet reply() {
    return between(to, toPort, from, fromPort);
  }

  boolean isIpv6() {
    return from.indexOf(':') >= 0;
  }

  /** All of it. */
  byte[] bytes() {
    byte[] transport = transport();
    byte[] header = header(from, to, protocol, transport.length);
    return join(header, transport);
  }

  /** The transport header and the data, with the checksum. */
  byte[] transport() {
    ByteBuffer bytes = ByteBuffer.allocate((protocol == TCP ? 20 : 8) + data.length);
    bytes.putShort((short) fromPort).putShort((short) toPort);
    int sumAt = 6;
    if (protocol == TCP) {
      bytes.putInt(0x01020304).putInt(0x0a0b0c0d).putShort((short) (0x5000 | flags));
      bytes.putShort((short) 0x2000).putInt(0);
      sumAt = 16;
    } else {
      bytes.putShort((short) bytes.capacity()).putShort((short) 0);
    }
    bytes.put(data);
    if (protocol == TCP || hasSum) {
      int sum = Sums.of(pseudoHeader(from, to, protocol, bytes.capacity()), bytes.array());
      bytes.putShort(sumAt, (short) (protocol == UDP && sum == 0 ? 0xffff : sum));
    }
    return bytes.array();
  }

  static byte[] pseudoHeader(String from, String to, int protocol, int length) {
    byte[] source = address(from);
    return ByteBuffer.allocate(2 * source.length + 8)
        .put(source)
        .put(address(to))
        .putInt(length)
        .putInt(protocol)
        .array();
  }

  /** The IP header of something carried, with the options. */
  byte[] header(String source, String destination, int carried, int length) {
    ByteBuffer header = ByteBuffer.allocate((isIpv6() ? 40 : 20) + options.length);
    if (isIpv6()) {
      header.putInt(0x6000_1234).putShort((short) (length + options.length));
      header.put((byte) (options.length > 0 ? firstOption : carried)).put((byte) 64);
      header.put(address(source)).put(address(destination)).put(options);
      return header.array();
    }
    header.put((byte) (0x45 + options.length / 4)).put((byte) 0);
    header.putShort((short) (header.capacity() + length)).putShort((short) identification);
    header.putShort((short) fragment).put((byte) 64).put((byte) carried).putShort((short) 0);
    header.put(address(source)).put(address(destination)).put(options);
    header.putShort(10, (short) Sums.of(header.array()));
    return header.array();
  }

  static byte[] address(String literal) {
    return InetAddress.ofLiteral(literal).getAddress();
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
