package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.Reason;
import io.synlev.ffi.GuardPages;
import io.synlev.packet.FlowKey;
import io.synlev.packet.ModelParser;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;
import io.synlev.state.ByteCondition;
import io.synlev.state.HashOn;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import io.synlev.steering.fragment.FragmentOptions;
import io.synlev.steering.fragment.HeldInMemory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Gives packets to whole steerings and checks whatever can be said of any packet: it is read alone,
 * it gets one outcome that the models allow, and once time has passed nothing of it is left.
 *
 * <p>Each packet of a batch lies between forbidden pages of its own, at the end or at the start: a
 * read outside ends the process. There are two steerings, one that knows live flows and one that
 * does not; both remember fragments, in tables so small that they overflow.
 */
final class SteeringProbe implements AutoCloseable {

  /** The largest batch. */
  static final int PLACES = 16;

  /** The longest packet, in bytes. */
  static final int LONGEST = 4096;

  private static final FragmentOptions SMALL = new FragmentOptions(16, 1_000_000, 16, 1 << 16);

  private static final ServiceMatch ALL =
      ServiceMatch.of(List.of(Prefix.parse("192.0.2.2"), Prefix.parse("2001:db8::2")));

  /** Knows flows by a hash: two that share it are taken for one, which no check minds. */
  private static final class Flows implements FlowTable {
    private final Map<Long, Integer> live = new HashMap<>();
    private final Map<Long, Integer> added = new HashMap<>();

    private static long key(FlowKey flow) {
      long key = flow.sourceHigh * 31 + flow.sourceLow;
      key = key * 31 + flow.destinationHigh;
      key = key * 31 + flow.destinationLow;
      return (key * 31 + flow.protocol) * 31 + flow.ports;
    }

    @Override
    public boolean isAskedAlways() {
      return true;
    }

    @Override
    public int find(FlowKey flow) {
      return live.getOrDefault(key(flow), NONE);
    }

    @Override
    public void add(FlowKey flow, int mark, int tcpFlags) {
      added.put(key(flow), mark);
    }

    @Override
    public void commit(long nowNanos) {
      live.putAll(added);
      added.clear();
    }
  }

  /** A steering and what belongs to it. */
  private static final class Side {
    final HeldInMemory held = new HeldInMemory(SMALL.heldBytes());
    final Fragments fragments = new Fragments(SMALL, held, Testbed.SEED);
    final ReasonModel model;
    final Steering steering;
    final ReasonCounter counter;

    Side(Testbed bed, int worker, FlowTable flows, ReasonModel model) {
      this.model = model;
      counter = new ReasonCounter(bed.instance.counters(worker));
      steering =
          new Steering(
              bed.instance,
              bed.views,
              worker,
              SteeringOptions.DEFAULT,
              flows,
              null,
              fragments,
              new Epoch(bed.instance),
              true);
    }
  }

  private final Testbed bed;
  private final Flows flows = new Flows();
  private final List<Side> sides;
  private final GuardPages[] places = new GuardPages[PLACES];
  private final long[] addresses = new long[PLACES];
  private final int[] lengths = new int[PLACES];
  private final Decision[] out = new Decision[PLACES];
  private final PacketHeaders headers = new PacketHeaders();
  private final long[] seen = new long[Reason.LIMIT];
  private long now;

  SteeringProbe(Path base) throws Exception {
    bed = new Testbed(base);
    List<Service> services = services();
    bed.instance.updateServices(before -> services);
    bed.views.swap(View.compile(bed.instance, 2));
    for (int i = 0; i < PLACES; i++) {
      places[i] = new GuardPages(LONGEST);
      out[i] = new Decision();
    }
    NaiveServices naive = new NaiveServices(services);
    Map<String, Boolean> backends =
        services.stream()
            .collect(Collectors.toMap(Service::name, service -> !service.pool().equals("closed")));
    sides =
        List.of(
            new Side(bed, 0, FlowTable.EMPTY, new ReasonModel(naive, backends, false)),
            new Side(bed, 1, flows, new ReasonModel(naive, backends, true)));
  }

  private static Service service(
      String name, String pool, int priority, ServiceMatch match, ServiceHandling handling) {
    return new Service(name, pool, priority, match, handling);
  }

  /** With conditions for IPv4 alone: live flows are not asked where any packet's bytes matter. */
  private static ServiceMatch match(Protocol protocol, String... conditions) {
    List<Prefix> vips = conditions.length > 0 ? List.of(Prefix.parse("192.0.2.2")) : ALL.vips();
    return ALL.withVips(vips)
        .withProtocols(Set.of(protocol))
        .withConditions(List.of(conditions).stream().map(ByteCondition::parse).toList());
  }

  private static List<Service> services() {
    ServiceHandling usual = ServiceHandling.DEFAULT;
    ServiceHandling ports = usual.withHashOn(HashOn.PORTS).withSctpOverUdpPort(53);
    ServiceMatch other = ServiceMatch.of(List.of(Prefix.parse("198.51.100.0/24")));
    ServiceMatch closed = ServiceMatch.of(List.of(Prefix.parse("203.0.113.0/24")));
    return List.of(
        service("syn", "web", 3, match(Protocol.TCP, "tcp[13] & 0x12 = 2"), usual),
        service("long", "sticky", 2, match(Protocol.TCP, "tcp[60:4] & 1 = 1"), usual),
        service("init", "web", 3, match(Protocol.SCTP, "sctp[12] & 0xff = 1"), ports),
        service("sctp", "sticky", 0, match(Protocol.SCTP), ports.withSctpOverUdpPort(1000)),
        service("quiet", "closed", 1, match(Protocol.UDP, "udp[8:2] & 0x8001 = 0x8000"), usual),
        service("rest", "web", -1, ALL, usual),
        service("other", "sticky", 0, other, usual),
        service("closed", "closed", 0, closed, usual.withEcho(false)));
  }

  /**
   * Decides a batch on each side.
   *
   * @param packets up to {@link #PLACES} of up to {@link #LONGEST} bytes
   * @param atEnd whether they lie before forbidden memory, or behind it
   * @param returned whether they come from the tun device
   * @param nanosLater since the batch before
   */
  void decide(List<byte[]> packets, boolean atEnd, boolean returned, long nanosLater) {
    now += nanosLater;
    for (int i = 0; i < packets.size(); i++) {
      byte[] packet = packets.get(i);
      addresses[i] = atEnd ? places[i].placeAtEnd(packet) : places[i].placeAtStart(packet);
      lengths[i] = packet.length;
    }
    for (Side side : sides) {
      side.held.returned = returned;
      side.steering.decideBatch(addresses, lengths, packets.size(), now, out);
      side.held.released.clear();
      for (int i = 0; i < packets.size(); i++) {
        check(side, packets.get(i), i);
      }
    }
  }

  private void check(Side side, byte[] packet, int index) {
    Decision decision = out[index];
    seen[decision.reason.id()]++;
    PacketParser.parse(addresses[index], packet.length, headers);
    ModelParser model = new ModelParser(packet);
    require(model.agreesWith(headers), "parser " + ModelParser.describe(headers), packet, model);
    boolean isSteered = decision.backend >= 0 || decision.backend == Decision.KNOWN_BY_MARK;
    require(
        (decision.action == Action.MARK) == isSteered && (decision.mark != 0) == isSteered,
        decision.reason + " with " + decision.action + " " + decision.mark,
        packet,
        model);
    require(
        side.model.allows(decision.reason, packet, model, headers),
        "reason " + decision.reason,
        packet,
        model);
  }

  private static void require(boolean holds, String what, byte[] packet, ModelParser model) {
    if (!holds) {
      String hex = HexFormat.of().formatHex(packet);
      throw new AssertionError(what + "\nmodel  " + model + "\npacket " + hex);
    }
  }

  /** Lets a fragment's life pass; then nothing may be left of what came before. */
  void settle() {
    now += SMALL.lifeNanos();
    for (Side side : sides) {
      require(side.fragments.heldCount() == side.held.size(), "held and pool differ");
      side.fragments.tidy(now, side.counter);
      require(side.fragments.size() == 0, "entries are left: " + side.fragments.size());
      require(side.held.size() == 0, "packets are held: " + side.held.size());
      require(side.held.bytes() == 0, "bytes are held: " + side.held.bytes());
    }
    flows.live.clear();
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /** How often a reason was given. */
  long seen(Reason reason) {
    return seen[reason.id()];
  }

  @Override
  public void close() {
    bed.close();
    for (GuardPages place : places) {
      place.close();
    }
  }
}
