package io.synlev.steering;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A datagram and its fragments, made as RFC 791, section 3.2, and RFC 8200, section 4.5, say.
 *
 * @param ipv6 from 2001:db8::1 to 2001:db8::2, otherwise from 192.0.2.1 to 192.0.2.2
 * @param chain extension headers before the fragment header, each 8 bytes: their types
 * @param protocol of the payload
 * @param id 16 bits, with IPv6 32
 * @param payload transport header and data
 */
record Datagram(boolean ipv6, int[] chain, int protocol, int id, byte[] payload) {

  private static final byte[] V6_ADDRESSES =
      HexFormat.of()
          .parseHex("20010db8000000000000000000000001" + "20010db8000000000000000000000002");

  /** UDP from a port to port 53, so many bytes with its header. */
  static Datagram udp(boolean ipv6, int id, int sourcePort, int bytes) {
    ByteBuffer payload = ByteBuffer.allocate(bytes);
    payload.putShort((short) sourcePort).putShort((short) 53).putShort((short) bytes);
    return new Datagram(ipv6, new int[0], 17, id, payload.array());
  }

  Datagram behind(int... headers) {
    return new Datagram(ipv6, headers, protocol, id, payload);
  }

  /** The datagram in one piece. */
  byte[] whole() {
    return ipv6 ? ipv6(protocol, new byte[0], payload) : ipv4(0, payload);
  }

  /** All fragments, each with so many bytes of data but the last; a multiple of 8. */
  List<byte[]> fragments(int size) {
    List<byte[]> all = new ArrayList<>();
    for (int offset = 0; offset < payload.length; offset += size) {
      all.add(fragment(offset, size));
    }
    return all;
  }

  /** The fragment with the bytes from an offset on, at most so many. */
  byte[] fragment(int offset, int size) {
    int end = Math.min(offset + size, payload.length);
    byte[] data = java.util.Arrays.copyOfRange(payload, offset, end);
    int more = end < payload.length ? 1 : 0;
    if (!ipv6) {
      return ipv4(more << 13 | offset >> 3, data);
    }
    ByteBuffer header = ByteBuffer.allocate(8);
    header.put((byte) protocol).put((byte) 0).putShort((short) (offset | more)).putInt(id);
    return ipv6(44, header.array(), data);
  }

  private byte[] ipv4(int flagsAndOffset, byte[] data) {
    ByteBuffer packet = ByteBuffer.allocate(20 + data.length);
    packet.putShort((short) 0x4500).putShort((short) (20 + data.length)).putShort((short) id);
    packet.putShort((short) flagsAndOffset).put((byte) 64).put((byte) protocol).putShort((short) 0);
    return packet.putInt(0xc0000201).putInt(0xc0000202).put(data).array();
  }

  private byte[] ipv6(int last, byte[] fragmentHeader, byte[] data) {
    var extensions = new ByteArrayOutputStream();
    for (int i = 0; i < chain.length; i++) {
      extensions.write(i + 1 < chain.length ? chain[i + 1] : last);
      extensions.writeBytes(new byte[] {0, 1, 4, 0, 0, 0, 0});
    }
    int length = extensions.size() + fragmentHeader.length + data.length;
    ByteBuffer packet = ByteBuffer.allocate(40 + length);
    packet.putInt(0x60000000).putShort((short) length);
    packet.put((byte) (chain.length > 0 ? chain[0] : last)).put((byte) 64).put(V6_ADDRESSES);
    return packet.put(extensions.toByteArray()).put(fragmentHeader).put(data).array();
  }
}
