package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.Reason;
import io.synlev.hash.Seed;
import io.synlev.packet.FlowKey;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.packet.PacketParser;
import io.synlev.state.HashOn;
import io.synlev.state.PoolCursor;

/**
 * The decision about one packet: is it a service's? a fragment? an ICMP error? of a live flow?
 * otherwise the table. It changes nothing, so a decision that does not stand can be made again.
 *
 * <p>Belongs to one worker. Nothing is allocated, locked or thrown, and nothing outside the packet
 * is read.
 */
final class PacketSteering {

  private final int worker;
  private final int markMask;
  private final Rules rules;
  private final FlowHasher hasher;
  private final FlowTable flows;
  private final boolean remembersFragments;

  /** Null if the datapath carries no flows itself. */
  private final FollowedFlows followed;

  /** Null if no fragment is another balancer's. */
  private final Tier tier;

  private final IcmpErrors errors = new IcmpErrors();
  private final Match match = new Match();

  /** What was found in the packet that was steered last. */
  final PacketHeaders headers = new PacketHeaders();

  /** Whether {@link Fragments} has the last word about that packet. */
  boolean isFragment;

  /** To be set before: whether the packet may be another balancer's. */
  boolean isFromOutside;

  /** Whether that packet's flow is for {@link FlowTable#add}. */
  boolean isNewFlow;

  /**
   * Makes one.
   *
   * @param followed null if the datapath carries no flows itself
   * @param remembersFragments whether fragments are followed, or treated as the options say
   * @param tier null if no fragment is another balancer's
   */
  PacketSteering(
      int worker,
      int markMask,
      Seed seed,
      SteeringOptions options,
      FlowTable flows,
      FollowedFlows followed,
      boolean remembersFragments,
      Tier tier) {
    this.worker = worker;
    this.markMask = markMask;
    this.rules = new Rules(options.checkMarks(markMask));
    this.hasher = new FlowHasher(seed);
    this.flows = flows;
    this.followed = followed;
    this.remembersFragments = remembersFragments;
    this.tier = tier;
  }

  /** Decides; returns the cursor of the pool whose backend the packet got, or null. */
  PoolCursor steer(View view, long epoch, long address, int length, Decision out) {
    isFragment = false;
    isNewFlow = false;
    if (followed != null) {
      followed.next();
    }
    out.service = Decision.NO_SERVICE;
    out.hash = 0;
    out.slot = 0;
    HeaderStatus status = PacketParser.parse(address, length, headers);
    if (!status.knowsAddresses()) {
      return withoutBackend(rules.malformed, Rules.reason(status), out);
    }
    // A first fragment is steered as its flow is, unless there is no memory for those that follow.
    boolean isLikeWhole = !headers.fragment || remembersFragments && headers.fragmentOffset == 0;
    boolean knowsPorts = status == HeaderStatus.OK && isLikeWhole;
    boolean isOurs =
        knowsPorts ? view.match(headers, match) : view.matchWithoutPorts(headers, match);
    if (!isOurs) {
      // Later fragments have no ports and so may be a service's: they are to find this outcome.
      isFragment =
          knowsPorts && headers.fragment && !match.cut && match.reason != Reason.NO_SERVICE;
      PoolCursor owner = isFragment ? handOver(view, epoch, out) : null;
      if (owner != null) {
        return owner;
      }
      return match.cut
          ? withoutBackend(rules.malformed, Reason.TRUNCATED_L4_HEADER, out)
          : withoutBackend(rules.noService, match.reason, out);
    }
    out.service = match.service;
    if (headers.kind == PacketKind.ICMP_ERROR && !headers.fragment) {
      return steerError(view, epoch, address, length, out);
    }
    if (status != HeaderStatus.OK && !headers.fragment) {
      return withoutBackend(rules.malformed, Rules.reason(status), out);
    }
    if (!headers.fragment) {
      return treat(view, epoch, rules.treatment(headers.kind), reason(), out);
    }
    if (!remembersFragments) {
      return treat(view, epoch, rules.fragments, Reason.FRAGMENT, out);
    }
    if (status != HeaderStatus.OK) {
      return withoutBackend(Outcome.DROP, Rules.fragmentReason(status), out);
    }
    isFragment = true;
    PoolCursor owner = handOver(view, epoch, out);
    if (owner != null) {
      return owner;
    }
    if (headers.fragmentOffset != 0) {
      return withoutBackend(Outcome.DROP, Reason.FRAGMENT, out); // settled when the batch stands
    }
    if (headers.kind == PacketKind.ICMP_ERROR) {
      return steerError(view, epoch, address, length, out);
    }
    return treat(view, epoch, rules.treatment(headers.kind), reason(), out);
  }

  /** Gives a fragment to another balancer; null if it stays here. */
  private PoolCursor handOver(View view, long epoch, Decision out) {
    if (tier == null || !isFromOutside) {
      return null;
    }
    PoolCursor owner = tier.handOver(view, epoch, headers.flow, out);
    isFragment = owner == null;
    return owner;
  }

  private PoolCursor treat(
      View view, long epoch, Treatment treatment, Reason reason, Decision out) {
    return switch (treatment) {
      case BY_FLOW -> byFlow(view, epoch, reason, out);
      case BY_ADDRESSES -> byTable(view, epoch, headers.flow, treatment, reason, out);
      case ACCEPT -> withoutBackend(Outcome.ACCEPT, reason, out);
      case DROP -> withoutBackend(Outcome.DROP, reason, out);
    };
  }

  /** A live flow keeps its backend; a new one asks the table. */
  private PoolCursor byFlow(View view, long epoch, Reason reason, Decision out) {
    if (followed != null && isOfOneBackend(headers.kind)) {
      return byOwnFlow(view, epoch, reason, out);
    }
    boolean isAsked = flows.isAskedAlways() && isOfOneBackend(headers.kind);
    if ((isAsked || headers.fragment) && follows(headers, out)) {
      return null;
    }
    PoolCursor cursor = byTable(view, epoch, headers.flow, Treatment.BY_FLOW, reason, out);
    isNewFlow = isAsked && cursor != null;
    return cursor;
  }

  private PoolCursor byOwnFlow(View view, long epoch, Reason reason, Decision out) {
    FlowKey flow = headers.flow;
    int hash = hasher.hash(flow, flow.ports, flow.protocol, HashOn.TUPLE);
    PoolCursor cursor = followed.find(view, epoch, headers, hash, out);
    if (cursor == null && headers.fragment) {
      cursor = followed.findAnywhere(view, epoch, flow, hash, out);
    }
    if (cursor != null) {
      return cursor;
    }
    cursor = byTable(view, epoch, flow, Treatment.BY_FLOW, reason, out);
    if (cursor != null) {
      followed.want(view.target(worker, match.service), out);
    }
    return cursor;
  }

  /**
   * Whether all packets of the flow go to one backend, so that others can steer them by addresses
   * and ports alone.
   */
  private boolean isOfOneBackend(PacketKind kind) {
    return !match.byBytes
        && (kind == PacketKind.TCP || kind == PacketKind.UDP || kind == PacketKind.SCTP);
  }

  /** Decides by the live flow that the packet, or the one that it quotes, belongs to. */
  private boolean follows(PacketHeaders packet, Decision out) {
    int mark = isOfOneBackend(packet.kind) ? flows.find(packet.flow) : FlowTable.NONE;
    if (mark == FlowTable.NONE) {
      return false;
    }
    out.action = Action.MARK;
    out.mark = mark;
    out.backend = Decision.KNOWN_BY_MARK;
    out.nextHop.clear();
    out.reason = Reason.FOLLOWED_FLOW;
    out.generation = 0;
    return true;
  }

  /** The same by a flow that the datapath carries itself; null if it carries none such. */
  private PoolCursor followsOwn(View view, long epoch, PacketHeaders packet, Decision out) {
    if (!isOfOneBackend(packet.kind)) {
      return null;
    }
    FlowKey flow = packet.flow;
    int hash = hasher.hash(flow, flow.ports, flow.protocol, HashOn.TUPLE);
    return followed.findAnywhere(view, epoch, flow, hash, out);
  }

  private Reason reason() {
    return match.sctpOverUdp ? Reason.SCTP_OVER_UDP : Rules.reason(headers.kind);
  }

  /** An ICMP error to a VIP goes where the flow goes that it is about. */
  private PoolCursor steerError(View view, long epoch, long address, int length, Decision out) {
    Treatment treatment = rules.treatment(PacketKind.ICMP_ERROR);
    if (treatment == Treatment.ACCEPT || treatment == Treatment.DROP) {
      return withoutBackend(
          treatment == Treatment.ACCEPT ? Outcome.ACCEPT : Outcome.DROP, Reason.ICMP_ERROR, out);
    }
    Reason reason = errors.judge(address, length, headers);
    if (reason == Reason.ICMP_ERROR_BY_ADDRESSES) {
      treatment = Treatment.BY_ADDRESSES;
    } else if (reason != Reason.FORWARDED_ICMP_ERROR) {
      return withoutBackend(Outcome.DROP, reason, out);
    }
    boolean isOurs =
        treatment == Treatment.BY_FLOW
            ? view.match(errors.quoted(), match)
            : view.matchWithoutPorts(errors.quoted(), match);
    if (!isOurs) {
      return match.cut
          ? withoutBackend(Outcome.DROP, Reason.ICMP_ERROR_INNER_TRUNCATED, out)
          : withoutBackend(rules.noService, match.reason, out);
    }
    out.service = match.service;
    if (treatment == Treatment.BY_FLOW) {
      PoolCursor cursor = followed == null ? null : followsOwn(view, epoch, errors.quoted(), out);
      if (cursor != null || follows(errors.quoted(), out)) {
        return cursor;
      }
    }
    return byTable(view, epoch, errors.quoted().flow, treatment, reason, out);
  }

  private PoolCursor byTable(
      View view, long epoch, FlowKey flow, Treatment treatment, Reason reason, Decision out) {
    Target target = view.target(worker, match.service);
    PoolCursor cursor = target.cursor();
    cursor.refresh(epoch);
    int hash =
        treatment == Treatment.BY_FLOW
            ? hasher.hash(flow, match.ports, match.protocol, target.on())
            : hasher.byAddresses(flow);
    int slot = cursor.slot(hash);
    int backend = cursor.backendAt(slot);
    out.hash = hash;
    out.slot = slot;
    target.decide(backend, markMask, reason, rules.noBackend, out);
    return backend == PoolCursor.NONE ? null : cursor;
  }

  static PoolCursor withoutBackend(Outcome outcome, Reason reason, Decision out) {
    out.action = outcome.action();
    out.mark = outcome.mark();
    out.backend = PoolCursor.NONE;
    out.nextHop.clear();
    out.reason = reason;
    out.generation = 0;
    return null;
  }
}
