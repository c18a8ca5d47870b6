package io.synlev.packet;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * ICMP and ICMPv6 errors written by hand, as the RFCs draw them: a router's, to the VIP, about a
 * packet from the VIP to a client. The VIP is 192.0.2.2 or 2001:db8::2, the client 192.0.2.1 or
 * 2001:db8::1, so that the flow inside is the one of {@link Packets}.
 */
public final class Errors {

  private static final HexFormat HEX = HexFormat.of();
  private static final String VIP_TO_CLIENT_V6 =
      "20010db8000000000000000000000002" + "20010db8000000000000000000000001";
  private static final String ROUTER_TO_VIP_V6 =
      "20010db80000000000000000000000ff" + "20010db8000000000000000000000002";

  /** What UDP, TCP and SCTP begin with: ports 80 and 1000, then four bytes more. */
  public static final String PORTS = "0050" + "03e8" + "01020304";

  /** RFC 792, page 14: echo reply, identifier abcd. */
  public static final String ECHO_REPLY = "0000" + "0000" + "abcd" + "0001";

  /** RFC 4443, 4.2: echo reply, identifier abcd. */
  public static final String ECHO_REPLY_V6 = "8100" + "0000" + "abcd" + "0001";

  /** RFC 791, 3.1: options, one to skip and seven no-operations. */
  public static final String OPTIONS = "8303040a" + "01010101";

  /** RFC 4884, 7: an extension header and one object of 8 bytes. */
  public static final String EXTENSION = "20000000" + "00080101" + "00000000";

  /** RFC 8200, 4.5: fragment header of the first fragment. */
  public static final String FIRST = "NN" + "00" + "0001" + "12345678";

  /** The same of a later one. */
  public static final String LATER = "NN" + "00" + "0009" + "12345678";

  private Errors() {}

  /** An error whose header after type, code and checksum is {@code rest}, 8 digits. */
  public static byte[] ipv4(int type, int code, String rest, String quote) {
    String icmp = "%02x%02x0000".formatted(type, code) + rest + quote;
    return HEX.parseHex(
        "4500%04x0000000040010000".formatted(20 + icmp.length() / 2)
            + "c00002fe"
            + "c0000202"
            + icmp);
  }

  /** The same for ICMPv6. */
  public static byte[] ipv6(int type, int code, String rest, String quote) {
    String icmp = "%02x%02x0000".formatted(type, code) + rest + quote;
    return HEX.parseHex("60000000%04x3a40".formatted(icmp.length() / 2) + ROUTER_TO_VIP_V6 + icmp);
  }

  /** The beginning of an IPv4 packet of 1500 bytes from the VIP to the client. */
  public static String quote4(int protocol, String payload) {
    return quote4(protocol, "4000", "", payload);
  }

  /** The same with flags and fragment offset, and options. */
  public static String quote4(int protocol, String fragment, String options, String payload) {
    return "4%x0005dc1234".formatted(5 + options.length() / 8)
        + fragment
        + "40%02x0000".formatted(protocol)
        + "c0000202"
        + "c0000201"
        + options
        + payload;
  }

  /** The beginning of an IPv6 packet of 1500 bytes from the VIP to the client; see Packets. */
  public static String quote6(Object... headers) {
    StringBuilder quote = new StringBuilder("6000000005b4%02x40".formatted((int) headers[0]));
    quote.append(VIP_TO_CLIENT_V6);
    for (int i = 0; i < headers.length; i += 2) {
      int next = i + 2 < headers.length ? (int) headers[i + 2] : IpProtocol.NO_NEXT_HEADER;
      quote.append(((String) headers[i + 1]).replace("NN", "%02x".formatted(next)));
    }
    return quote.toString();
  }

  /** RFC 792, page 4 and RFC 1191: fragmentation needed, next-hop MTU 1300. */
  public static byte[] fragmentationNeeded(String quote) {
    return ipv4(3, 4, "00000514", quote);
  }

  /** RFC 4443, 3.2: packet too big, MTU 1300. */
  public static byte[] packetTooBig(String quote) {
    return ipv6(2, 0, "00000514", quote);
  }

  /** RFC 4861, 4.5: redirect whose options follow the target and the destination. */
  public static byte[] redirect6(String options) {
    return ipv6(137, 0, "00000000", "20010db80000000000000000000000fe".repeat(2) + options);
  }

  /** RFC 4861, 4.6.3: the redirected header option around a quote of whole 8 bytes. */
  public static String redirectedHeader(String quote) {
    return "04%02x000000000000".formatted(1 + quote.length() / 16) + quote;
  }

  /** RFC 4884: a quote padded to 128 bytes, and an extension behind it. */
  public static String extended(String quote) {
    return quote + "00".repeat(128 - quote.length() / 2) + EXTENSION;
  }

  /** One of every shape. */
  public static List<byte[]> all() {
    String tcp6 = quote6(6, PORTS);
    return new ArrayList<>(
        List.of(
            fragmentationNeeded(quote4(6, PORTS)),
            fragmentationNeeded(quote4(17, "4000", OPTIONS, PORTS)),
            fragmentationNeeded(quote4(132, PORTS)),
            ipv4(3, 1, "00200000", extended(quote4(17, PORTS))),
            ipv4(11, 0, "00000000", quote4(1, ECHO_REPLY)),
            ipv4(11, 1, "00000000", quote4(17, "2000", "", PORTS)),
            ipv4(12, 0, "14000000", quote4(17, "20b9", "", PORTS)),
            ipv4(5, 1, "c0000209", quote4(6, PORTS)),
            ipv4(4, 0, "00000000", quote4(6, PORTS)),
            packetTooBig(tcp6),
            packetTooBig(quote6(0, Packets.HOP_BY_HOP, 44, FIRST, 17, PORTS)),
            packetTooBig(quote6(60, Packets.DESTINATION_OPTIONS, 44, LATER, 17, PORTS)),
            packetTooBig(quote6(43, Packets.ROUTING, 51, Packets.AH, 132, PORTS)),
            ipv6(1, 4, "10000000", extended(quote6(58, ECHO_REPLY_V6))),
            ipv6(3, 0, "00000000", tcp6),
            ipv6(3, 0, "20000000", quote6(0, "NN" + "0a" + "0104" + "00".repeat(84), 6, PORTS)),
            ipv6(4, 1, "00000006", tcp6),
            redirect6("0201020304050607" + redirectedHeader(tcp6))));
  }
}
