package io.synlev.magctl.whynot;

import io.synlev.ffi.NativeException;
import io.synlev.ffi.PacketSocket;
import io.synlev.magctl.doctor.Network;
import io.synlev.magctl.doctor.Programs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Sends a probe and watches it. One thread. */
final class Probe {
  private static final int POLL_MILLIS = 10;

  /** An answer that does not come by is not waited for any longer than this. */
  private static final long PASSING_BY_NANOS = 250_000_000L;

  private final Network network;
  private final ProbeFlow flow;
  private final int sequence = (int) System.nanoTime();
  private final List<Sighting> sightings = new ArrayList<>();
  private Decided decided;

  private Probe(Network network, ProbeFlow flow) {
    this.network = network;
    this.flow = flow;
  }

  /**
   * Where a probe is put in and how long it is watched.
   *
   * @param device where it comes in; null for the tap of our own
   * @param isOurs whether the client is nobody, so that answers may be led to the tap
   * @param passesBy whether answers need not pass this host
   * @param patienceMillis how long to watch
   */
  record Plan(String device, boolean isOurs, boolean passesBy, long patienceMillis) {}

  /** Sends it, and watches until there is no more to see, or until asked to end. */
  static Evidence send(
      Programs programs,
      Network network,
      ProbeFlow flow,
      Plan plan,
      Decisions decisions,
      BooleanSupplier isAsked)
      throws NativeException {
    try (PacketSocket socket = PacketSocket.open(SocketFilter.of(flow.source()));
        Injector injector =
            Injector.open(
                programs, plan.device, plan.isOurs ? flow.source() : null, flow.isIpv6())) {
      Probe probe = new Probe(network, flow);
      long start = System.nanoTime();
      injector.put(ProbePacket.first(flow, probe.sequence));
      String device = plan.device == null ? injector.name() : plan.device;
      Evidence evidence;
      do {
        probe.look(socket, injector.name());
        if (probe.decided == null) {
          probe.decided = decisions.poll().orElse(null);
        }
        evidence =
            new Evidence(
                flow, device, injector.name(), List.copyOf(probe.sightings), probe.decided, start);
      } while (!isAsked.getAsBoolean() && !isOver(evidence, plan));
      // Whatever the server began for a client who does not exist, or knows of nothing.
      if (flow.isTcp() && evidence.departure().isPresent()) {
        injector.put(ProbePacket.reset(flow, probe.sequence));
      }
      return evidence;
    }
  }

  private void look(PacketSocket socket, String tap) throws NativeException {
    for (PacketSocket.Seen seen = socket.receive(POLL_MILLIS);
        seen != null;
        seen = socket.receive(0)) {
      Sighting sighting = Sighting.of(seen, name(seen, tap), flow, System.nanoTime());
      if (sighting != null) {
        sightings.add(sighting);
      }
    }
  }

  private String name(PacketSocket.Seen seen, String tap) {
    return network.links().stream()
        .filter(link -> link.index() == seen.interfaceIndex())
        .map(Network.Link::name)
        .findFirst()
        .orElse(tap);
  }

  private static boolean isOver(Evidence evidence, Plan plan) {
    long waited = System.nanoTime() - evidence.sentNanos();
    if (waited > plan.patienceMillis * 1_000_000) {
      return true;
    }
    if (evidence.decided() != null && !evidence.decided().isForwarded()) {
      return true;
    }
    boolean isDecided = evidence.decided() != null || evidence.departure().isPresent();
    if (isDecided && (evidence.returned().isPresent() || evidence.comeback().isPresent())) {
      return true;
    }
    Optional<Sighting> departure = evidence.departure();
    return plan.passesBy
        && departure.isPresent()
        && (evidence.answer().isPresent()
            || System.nanoTime() - departure.get().nanos() > PASSING_BY_NANOS);
  }
}
