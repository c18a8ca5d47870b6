package io.synlev.magctl.whynot;

import io.synlev.ffi.NativeException;
import io.synlev.ffi.PacketSocket;
import io.synlev.magctl.doctor.Network;
import io.synlev.magctl.doctor.Programs;
import io.synlev.magctl.doctor.RouteAnswer;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Asks a backend from this host's own address, whether or not its answers to clients come by: a
 * packet that is given to its link directly, past rules and routes.
 */
final class BackendAsk {
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;

  /**
   * What came of it.
   *
   * @param answer what the backend said, or null for nothing
   * @param refusal why it could not be asked, or null
   * @param asker the address from which it was asked, or null
   */
  record Result(Sighting answer, String refusal, String asker) {}

  private BackendAsk() {}

  /**
   * Asks.
   *
   * @param flow the client's: protocol and port are the same
   * @param backend the backend's address
   * @param addressed to whom the packet is addressed: the VIP, or with dnat the backend
   * @param patienceMillis how long to wait for an answer
   */
  static Result ask(
      Programs programs,
      ProbeFlow flow,
      InetAddress backend,
      InetAddress addressed,
      long patienceMillis) {
    List<RouteAnswer> routes = RouteAnswer.ask(programs, List.of(Addresses.format(backend)));
    if (routes.isEmpty() || !routes.getFirst().isForwarded()) {
      return refused("this host has no route to " + Addresses.format(backend));
    }
    RouteAnswer route = routes.getFirst();
    String hop = route.gateway() == null ? Addresses.format(backend) : route.gateway();
    Network network = Network.look(programs);
    Optional<Network.Link> link = network.link(route.device());
    Optional<String> mac = network.neighbour(hop).map(Network.Neighbour::mac);
    if (link.isEmpty() || mac.isEmpty() || route.source() == null) {
      return refused("the link-layer address of " + hop + " is not known");
    }
    ProbeFlow own = flow.from(Addresses.parse(route.source())).to(addressed);
    try (PacketSocket socket = PacketSocket.open(SocketFilter.of(addressed))) {
      int protocol = flow.isIpv6() ? IPV6 : IPV4;
      int sequence = (int) System.nanoTime();
      byte[] neighbour = bytes(mac.get());
      int index = link.get().index();
      socket.send(index, protocol, neighbour, ProbePacket.first(own, sequence));
      Sighting answer = await(socket, own, route.device(), patienceMillis);
      if (flow.isTcp() && answer != null && answer.kind() == Sighting.Kind.ANSWER) {
        socket.send(index, protocol, neighbour, ProbePacket.reset(own, sequence));
      }
      return new Result(answer, null, route.source());
    } catch (NativeException e) {
      return refused(e.getMessage());
    }
  }

  private static Result refused(String why) {
    return new Result(null, why, null);
  }

  private static Sighting await(
      PacketSocket socket, ProbeFlow own, String device, long patienceMillis)
      throws NativeException {
    long end = System.nanoTime() + patienceMillis * 1_000_000;
    for (long left = patienceMillis; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
      PacketSocket.Seen seen = socket.receive((int) left);
      Sighting sighting = seen == null ? null : Sighting.of(seen, device, own, System.nanoTime());
      if (sighting != null && sighting.kind() != Sighting.Kind.PROBE && !sighting.isLeaving()) {
        return sighting;
      }
    }
    return null;
  }

  private static byte[] bytes(String mac) {
    String[] parts = mac.split(":");
    byte[] bytes = new byte[parts.length];
    for (int i = 0; i < parts.length; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i], 16);
    }
    return bytes;
  }
}
