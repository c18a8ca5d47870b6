package io.synlev.magctl;

import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import io.synlev.state.Addresses;
import io.synlev.state.StateException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * A flow as people write it: {@code tcp 198.51.100.7:40000 10.0.0.0:80}, IPv6 addresses with ports
 * in brackets.
 *
 * @param protocol its number, 0 to 255
 * @param source who sends
 * @param destination who is addressed
 */
record FlowText(int protocol, Endpoint source, Endpoint destination) {
  private static final int NO_PORT = -1;
  private static final int MAX_PORT = 0xffff;

  /**
   * One side of a flow.
   *
   * @param address its address
   * @param port its port, or the identifier of an echo request, or -1
   */
  record Endpoint(InetAddress address, int port) {
    boolean isIpv4() {
      return address instanceof Inet4Address;
    }

    @Override
    public String toString() {
      String text = Addresses.format(address);
      if (port == NO_PORT) {
        return text;
      }
      return (isIpv4() ? text : "[" + text + "]") + ":" + port;
    }
  }

  /**
   * Reads a flow.
   *
   * @throws UsageException if a part is malformed, or the parts do not fit each other
   */
  static FlowText parse(String protocolText, String sourceText, String destinationText) {
    Endpoint source = endpoint(sourceText);
    Endpoint destination = endpoint(destinationText);
    if (source.isIpv4() != destination.isIpv4()) {
      throw new UsageException(
          "'" + sourceText + "' and '" + destinationText + "' are of different families");
    }
    int protocol = protocol(protocolText, source.isIpv4());
    boolean hasPorts =
        protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.SCTP;
    if (hasPorts) {
      requirePort(source, sourceText);
      requirePort(destination, destinationText);
    } else if (destination.port != NO_PORT) {
      throw new UsageException(
          "'"
              + destinationText
              + "' has a port, and '"
              + protocolText
              + "' knows none: leave it out");
    } else if (source.port != NO_PORT && !isEcho(protocol, source.isIpv4())) {
      throw new UsageException(
          "'" + sourceText + "' has a port, and '" + protocolText + "' knows none: leave it out");
    }
    return new FlowText(protocol, source, destination);
  }

  private static boolean isEcho(int protocol, boolean ipv4) {
    return protocol == (ipv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6);
  }

  private static void requirePort(Endpoint endpoint, String text) {
    if (endpoint.port == NO_PORT) {
      String example = new Endpoint(endpoint.address, 80).toString();
      throw new UsageException("'" + text + "' has no port: write it as " + example);
    }
  }

  private static int protocol(String text, boolean ipv4) {
    switch (text.toLowerCase(java.util.Locale.ROOT)) {
      case "tcp":
        return IpProtocol.TCP;
      case "udp":
        return IpProtocol.UDP;
      case "sctp":
        return IpProtocol.SCTP;
      case "icmp":
        return ipv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
      default:
        int number = number(text, 0xff);
        if (number < 0) {
          throw new UsageException(
              "'" + text + "' is no protocol: choose tcp, udp, sctp, icmp or a number to 255");
        }
        return number;
    }
  }

  /** Brackets or dots tell a port from the rest; a bare IPv6 address has none. */
  private static Endpoint endpoint(String text) {
    String address = text;
    String port = null;
    int colon = text.lastIndexOf(':');
    if (text.startsWith("[")) {
      int close = text.indexOf(']');
      if (close < 0 || close + 1 < text.length() && text.charAt(close + 1) != ':') {
        throw malformed(text);
      }
      address = text.substring(1, close);
      port = close + 1 < text.length() ? text.substring(close + 2) : null;
    } else if (colon >= 0 && text.indexOf(':') == colon) {
      address = text.substring(0, colon);
      port = text.substring(colon + 1);
    }
    int number = port == null ? NO_PORT : number(port, MAX_PORT);
    if (port != null && number < 0) {
      throw new UsageException("'" + port + "' in '" + text + "' is no port: 0 to 65535");
    }
    try {
      return new Endpoint(Addresses.parse(address), number);
    } catch (StateException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static UsageException malformed(String text) {
    return new UsageException(
        "'" + text + "' is no address: write 192.0.2.1:80, [2001:db8::1]:80, or the address alone");
  }

  private static int number(String text, int max) {
    try {
      int number = text.startsWith("+") ? -1 : Integer.parseInt(text);
      return number <= max ? number : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** The key that steering hashes. */
  FlowKey key() {
    FlowKey key = new FlowKey();
    int ports = Math.max(source.port, 0) << 16 | Math.max(destination.port, 0);
    ByteBuffer from = ByteBuffer.wrap(source.address.getAddress());
    ByteBuffer to = ByteBuffer.wrap(destination.address.getAddress());
    if (source.isIpv4()) {
      key.ipv4(from.getInt(), to.getInt(), protocol, ports);
    } else {
      key.ipv6(from.getLong(), from.getLong(), to.getLong(), to.getLong(), protocol, ports);
    }
    return key;
  }

  private String protocolName() {
    return switch (protocol) {
      case IpProtocol.TCP -> "tcp";
      case IpProtocol.UDP -> "udp";
      case IpProtocol.SCTP -> "sctp";
      case IpProtocol.ICMP, IpProtocol.ICMPV6 ->
          isEcho(protocol, source.isIpv4()) ? "icmp echo" : "protocol " + protocol;
      default -> "protocol " + protocol;
    };
  }

  @Override
  public String toString() {
    return protocolName() + " " + source + " -> " + destination;
  }
}
