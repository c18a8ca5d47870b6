package io.synlev.netlink;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Asks the kernel where it would send a packet with a mark: policy rules, tables and routes all
 * applied, as {@code ip route get ADDRESS mark MARK} does (RTM_GETROUTE, rtnetlink(7)).
 *
 * <p>It is asked as for a packet of this host, so policy rules with an input interface do not
 * apply. One answer takes microseconds. Belongs to one thread at a time.
 */
public final class RouteLookup implements AutoCloseable {

  private static final int REQUEST_ROOM = 128;

  private final Arena arena = Arena.ofShared();
  private final NetlinkWriter request = new NetlinkWriter(arena, REQUEST_ROOM);
  private final NetlinkMessages reply = new NetlinkMessages();
  private final NetlinkAttributes attributes = new NetlinkAttributes();
  private final NetlinkSocket socket;
  private int sequence;

  private RouteLookup(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * Opens one for the calling thread's network namespace; it needs no right.
   *
   * @throws NativeException when the kernel gives no socket
   */
  public static RouteLookup open() throws NativeException {
    return new RouteLookup(NetlinkSocket.open(Netlink.NETLINK_ROUTE, 0));
  }

  /**
   * Looks a route up.
   *
   * @param mark the packet's whole mark; 0 means that it has none
   * @throws NativeException when the kernel does not answer; no route is an answer
   */
  public Route find(InetAddress destination, int mark) throws NativeException {
    byte[] address = destination.getAddress();
    int family = address.length == 4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6;
    request.begin(Rtnetlink.RTM_GETROUTE, Netlink.NLM_F_REQUEST, ++sequence);
    request.bytes(family, address.length * 8, 0, 0);
    request.number(0);
    request.number(0);
    request.attribute(Rtnetlink.RTA_DST, address);
    request.attributeInt(Rtnetlink.RTA_MARK, mark);
    request.finish();
    int type = socket.ask(request, sequence, reply);
    if (type < 0) {
      return Route.nowhere(refusal(type, destination, mark));
    }
    boolean isRoute =
        type == Rtnetlink.RTM_NEWROUTE
            && reply.length() >= Netlink.HEADER_BYTES + Rtnetlink.RTMSG_BYTES;
    if (!isRoute) {
      throw new NativeException(
          question(destination, mark) + ": answer of type " + type, Errno.EIO.number());
    }
    return route(destination);
  }

  private static String question(InetAddress destination, int mark) {
    return "route to " + destination.getHostAddress() + " with mark " + mark;
  }

  /** The kernel answers with the error that a sender would get; fib_props in fib_semantics.c. */
  private static Route.Kind refusal(int error, InetAddress destination, int mark)
      throws NativeException {
    if (Errno.ENETUNREACH.is(error) || Errno.EHOSTUNREACH.is(error)) {
      return Route.Kind.UNREACHABLE;
    }
    if (Errno.EACCES.is(error)) {
      return Route.Kind.PROHIBITED;
    }
    if (Errno.EINVAL.is(error)) {
      return Route.Kind.BLACKHOLE;
    }
    throw new NativeException(question(destination, mark), -error);
  }

  private Route route(InetAddress destination) {
    int type =
        Memory.getByte(reply.address() + Netlink.HEADER_BYTES + Rtnetlink.RTMSG_TYPE_OFFSET) & 0xff;
    int device = 0;
    InetAddress nextHop = destination;
    attributes.begin(reply, Rtnetlink.RTMSG_BYTES);
    while (attributes.advance()) {
      if (attributes.type() == Rtnetlink.RTA_OIF && attributes.has(4)) {
        device = Memory.getInt(attributes.address());
      } else if (attributes.type() == Rtnetlink.RTA_GATEWAY) {
        nextHop = address(0);
      } else if (attributes.type() == Rtnetlink.RTA_VIA) {
        nextHop = address(Rtnetlink.RTVIA_ADDRESS_OFFSET);
      }
    }
    return switch (type) {
      case Rtnetlink.RTN_UNICAST -> new Route(Route.Kind.FORWARDED, device, nextHop);
      case Rtnetlink.RTN_LOCAL, Rtnetlink.RTN_ANYCAST -> new Route(Route.Kind.LOCAL, device, null);
      case Rtnetlink.RTN_BLACKHOLE -> Route.nowhere(Route.Kind.BLACKHOLE);
      case Rtnetlink.RTN_PROHIBIT -> Route.nowhere(Route.Kind.PROHIBITED);
      default -> Route.nowhere(Route.Kind.UNREACHABLE);
    };
  }

  private InetAddress address(int offset) {
    byte[] content = attributes.bytes();
    try {
      return InetAddress.getByAddress(
          java.util.Arrays.copyOfRange(content, Math.min(offset, content.length), content.length));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("a gateway of " + content.length + " bytes", e);
    }
  }

  @Override
  public void close() {
    socket.close();
    arena.close();
  }
}
