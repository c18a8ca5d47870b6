package io.synlev.magctl;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.packet.FlowKey;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.packet.PacketParser;
import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import io.synlev.steering.Steering;
import io.synlev.steering.Treatment;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import io.synlev.steering.fragment.FragmentOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides about packets as a worker of the daemon would, with the very same code, and says how it
 * came to that. Counts nothing. Fragments are followed over all packets that one object explains.
 */
final class Explainer implements AutoCloseable {
  private final Instance instance;
  private final SteeringAssumptions assumptions;
  private final View view;
  private final Steering steering;
  private final DaemonFlows flows;
  private final NumberedPackets held;
  private final PacketMemory memory = new PacketMemory();
  private final PacketHeaders headers = new PacketHeaders();
  private final Decision[] decisions = {new Decision()};
  private final long[] addresses = new long[1];
  private final int[] lengths = new int[1];
  private final Map<String, PoolSnapshot> snapshots = new HashMap<>();

  Explainer(Instance instance, SteeringAssumptions assumptions) {
    this.instance = instance;
    this.assumptions = assumptions;
    view = View.compile(instance, 1);
    Views views = new Views(view, 1);
    flows = DaemonFlows.of(instance, assumptions);
    FragmentOptions fragments = assumptions.fragments();
    held = new NumberedPackets(fragments == null ? 0 : fragments.heldFragments());
    steering =
        Steering.uncounted(instance, views, 0, assumptions.options(), flows, fragments, held);
  }

  /**
   * Explains a packet, and those that were held until it came.
   *
   * @param number its place in a capture, or 0
   * @param nanos when it came, on any scale that grows
   * @return its own explanation first
   */
  List<Explanation> explain(long number, long nanos, byte[] packet) {
    List<Explanation> all = new ArrayList<>();
    all.add(explainOne(number, nanos, packet, false));
    for (NumberedPackets.Again again : held.released()) {
      all.getFirst().released().add(again.number());
      all.add(explainOne(again.number(), nanos, again.bytes(), true));
    }
    return all;
  }

  private Explanation explainOne(long number, long nanos, byte[] packet, boolean isReturned) {
    addresses[0] = memory.place(packet);
    lengths[0] = packet.length;
    decisions[0] = new Decision();
    held.present(number, packet, isReturned);
    steering.decideBatch(addresses, lengths, 1, nanos, decisions);
    PacketParser.parse(addresses[0], packet.length, headers);
    return describe(number, packet.length, decisions[0]);
  }

  private Explanation describe(long number, int length, Decision decision) {
    boolean isKnown = headers.status.knowsAddresses();
    PacketHeaders quoted =
        headers.kind == PacketKind.ICMP_ERROR && !headers.fragment
            ? PacketText.quoted(headers, length)
            : null;
    Service service = decision.service < 0 ? null : view.services().get(decision.service);
    // A table that was asked leaves the hash behind; that one is 0 by chance is not worth a field.
    boolean isAsked = service != null && decision.hash != 0;
    TableAnswer table =
        isAsked ? answer(service, decision, quoted == null ? headers : quoted) : null;
    boolean isTo = decision.action == Action.MARK && decision.backend != Decision.NO_BACKEND;
    Backend backend = table != null ? table.backend() : isTo ? byMark(decision.mark) : null;
    return new Explanation(
        number,
        length,
        PacketText.line(headers, length),
        kind(),
        quoted == null ? null : PacketText.flow(quoted),
        isKnown ? Addresses.format(PacketText.destination(headers.flow)) : null,
        headers.flow.family == FlowKey.IPV4,
        decision,
        service,
        service == null && isKnown ? NearServices.of(view.services(), headers) : List.of(),
        table,
        backend,
        new ArrayList<>(),
        notes(decision));
  }

  private String kind() {
    if (!headers.status.knowsAddresses()) {
      return "no readable IP packet";
    }
    String carried = PacketText.protocol(headers);
    if (!headers.fragment) {
      return carried + ", in one piece";
    }
    return carried
        + (headers.fragmentOffset == 0
            ? ", first fragment: bytes 0 to "
            : ", fragment: bytes " + headers.fragmentOffset + " to ")
        + (headers.fragmentOffset + headers.fragmentLength - 1)
        + (headers.moreFragments ? ", more follow" : ", the last")
        + ", id 0x"
        + Integer.toHexString(headers.identification);
  }

  private List<String> notes(Decision decision) {
    List<String> notes = new ArrayList<>();
    if (decision.reason == Reason.FRAGMENT_HELD) {
      notes.add("lbd may have seen its first one: what lbd remembers is not known here");
    } else if (headers.fragment && assumptions.fragments() == null) {
      notes.add(
          assumptions.isAsked()
              ? "lbd has no fragment queue: fragments go by addresses"
              : "with a fragment queue ('lbd --fragment-queue') it would follow its datagram");
    }
    if (decision.backend == Decision.KNOWN_BY_MARK) {
      notes.add("the flow is carried by " + assumptions.offload() + ", and keeps its backend");
    }
    return notes;
  }

  private TableAnswer answer(Service service, Decision decision, PacketHeaders flow) {
    PoolSnapshot pool = snapshot(service.pool(), decision.generation);
    Backend backend =
        decision.backend < 0
            ? null
            : pool.at(decision.backend).map(PoolSnapshot.Member::backend).orElse(null);
    return new TableAnswer(
        service,
        TableAnswer.vip(service, flow.flow),
        pool,
        hashedOn(service, pool, flow),
        decision.hash,
        decision.slot,
        decision.generation,
        backend);
  }

  private HashOn hashedOn(Service service, PoolSnapshot pool, PacketHeaders flow) {
    boolean hasNoPorts =
        flow.kind == PacketKind.OTHER
            || flow.kind == PacketKind.UNKNOWN
            || headers.fragment && assumptions.fragments() == null
            || headers.kind == PacketKind.ICMP_ERROR
                && assumptions.options().icmpErrors() == Treatment.BY_ADDRESSES;
    HashOn own = service.handling().hashOn();
    return hasNoPorts ? HashOn.ADDRESSES : own == null ? pool.settings().hashOn() : own;
  }

  private PoolSnapshot snapshot(String pool, long generation) {
    PoolSnapshot known = snapshots.get(pool);
    if (known == null || known.generation() != generation) {
      known = instance.snapshot(pool);
      snapshots.put(pool, known);
    }
    return known;
  }

  /** The backend of a decision that asked no table of its own; null if it has gone. */
  private Backend byMark(int mark) {
    for (String pool : PoolCommand.poolNames(instance.configuration())) {
      try {
        for (Backend backend : instance.snapshot(pool).backends()) {
          if (backend.fwmark() == mark) {
            return backend;
          }
        }
      } catch (StateException deleted) {
        // It went just now, and so did its backends.
      }
    }
    return null;
  }

  @Override
  public void close() {
    memory.close();
    flows.close();
  }
}
