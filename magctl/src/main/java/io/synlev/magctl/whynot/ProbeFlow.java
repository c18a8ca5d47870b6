package io.synlev.magctl.whynot;

import io.synlev.packet.IpProtocol;
import io.synlev.state.Addresses;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Who sends the probe to whom; both of one family.
 *
 * @param protocol {@link IpProtocol#TCP} or {@link IpProtocol#UDP}
 */
public record ProbeFlow(
    int protocol, InetAddress source, int sourcePort, InetAddress destination, int port) {

  /** Whether it is TCP; otherwise it is UDP. */
  public boolean isTcp() {
    return protocol == IpProtocol.TCP;
  }

  /** Whether it is IPv6. */
  public boolean isIpv6() {
    return destination instanceof Inet6Address;
  }

  /** The same to somebody else. */
  ProbeFlow to(InetAddress other) {
    return new ProbeFlow(protocol, source, sourcePort, other, port);
  }

  /** The same from somebody else. */
  ProbeFlow from(InetAddress other) {
    return new ProbeFlow(protocol, other, sourcePort, destination, port);
  }

  @Override
  public String toString() {
    return (isTcp() ? "tcp " : "udp ")
        + endpoint(source, sourcePort)
        + " > "
        + endpoint(destination, port);
  }

  private static String endpoint(InetAddress address, int port) {
    String text = Addresses.format(address);
    return (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":" + port;
  }
}
