package io.synlev.packet;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.List;

/** Packets written by hand, as the RFCs draw them. */
public final class Packets {

  private static final HexFormat HEX = HexFormat.of();

  private static final String V6_ADDRESSES =
      "20010db8000000000000000000000001" + "20010db8000000000000000000000002";

  /** UDP (RFC 768): ports 1000 and 53, length 8, no checksum. */
  public static final String UDP = "03e8" + "0035" + "0008" + "0000";

  /** TCP (RFC 9293): ports 1000 and 80, data offset 5, SYN. */
  public static final String TCP =
      "03e8" + "0050" + "00000001" + "00000000" + "5002" + "ffff" + "0000" + "0000";

  /** RFC 8200, 4.3: hop-by-hop with PadN of 4. */
  public static final String HOP_BY_HOP = "NN" + "00" + "0104" + "00000000";

  /** RFC 8200, 4.4: routing header of type 4 with one segment. */
  public static final String ROUTING =
      "NN" + "02" + "04" + "01" + "00000000" + "20010db8000000000000000000000009";

  /** RFC 8200, 4.5: fragment header, offset 0, none to follow. */
  public static final String ATOMIC = "NN" + "00" + "0000" + "12345678";

  /** RFC 4302, 2: AH with a 12-byte ICV: 24 bytes, so 6 - 2 words. */
  public static final String AH =
      "NN" + "04" + "0000" + "00000100" + "00000001" + "0102030405060708090a0b0c";

  /** RFC 8200, 4.6: destination options with PadN of 4. */
  public static final String DESTINATION_OPTIONS = "NN" + "00" + "0104" + "00000000";

  /** RFC 6275, 6.1.2: binding refresh request. */
  public static final String MOBILITY = "NN" + "00" + "0000" + "abcd" + "0000";

  /** RFC 7401, 5.1: HIP header without parameters, 40 bytes. */
  public static final String HIP =
      "NN" + "04" + "0121" + "abcd0000" + "00112233445566778899aabbccddeeff".repeat(2);

  /** RFC 5533, 5.1: Shim6 payload extension header. */
  public static final String SHIM6 = "NN" + "00" + "80" + "0000000001";

  private Packets() {}

  /** An IPv4 packet (RFC 791) from 192.0.2.1 to 192.0.2.2 whose total length is right. */
  public static byte[] ipv4(int protocol, String payload) {
    return ipv4(20 + payload.length() / 2, protocol, payload);
  }

  /** The same with any total length. */
  public static byte[] ipv4(int totalLength, int protocol, String payload) {
    return HEX.parseHex(
        "4500%04x00000000%02x%02x0000".formatted(totalLength, 64, protocol)
            + "c0000201c0000202"
            + payload);
  }

  /**
   * An IPv6 packet (RFC 8200) from 2001:db8::1 to 2001:db8::2 whose payload length is right.
   *
   * @param headers pairs of a type and its bytes, {@code NN} where the next type goes; the last may
   *     be without bytes
   */
  public static byte[] ipv6(Object... headers) {
    return ipv6WithLength(-1, headers);
  }

  /** The same with any payload length; -1 for the right one. */
  public static byte[] ipv6WithLength(int payloadLength, Object... headers) {
    var payload = new ByteArrayOutputStream();
    for (int i = 0; i < headers.length; i += 2) {
      int next = i + 2 < headers.length ? (int) headers[i + 2] : IpProtocol.NO_NEXT_HEADER;
      payload.writeBytes(
          HEX.parseHex(((String) headers[i + 1]).replace("NN", "%02x".formatted(next))));
    }
    int length = payloadLength < 0 ? payload.size() : payloadLength;
    var packet = new ByteArrayOutputStream();
    packet.writeBytes(
        HEX.parseHex("60000000%04x%02x40".formatted(length, (int) headers[0]) + V6_ADDRESSES));
    packet.writeBytes(payload.toByteArray());
    return packet.toByteArray();
  }

  /** One packet of every kind of header that no capture has. */
  public static List<byte[]> unusual() {
    return List.of(
        ipv6(43, ROUTING, 6, TCP),
        ipv6(51, AH, 6, TCP),
        ipv6(135, MOBILITY),
        ipv6(139, HIP),
        ipv6(139, HIP, 17, UDP),
        ipv6(140, SHIM6, 6, TCP),
        ipv6(44, ATOMIC, 17, UDP),
        ipv6(44, ATOMIC, 44, ATOMIC, 17, UDP),
        ipv6(0, HOP_BY_HOP, 60, DESTINATION_OPTIONS, 43, ROUTING, 51, AH, 44, ATOMIC, 17, UDP),
        ipv6WithLength(0, 0, HOP_BY_HOP, 6, TCP),
        ipv6WithLength(0, 6, TCP),
        ipv4(0, 6, TCP));
  }
}
