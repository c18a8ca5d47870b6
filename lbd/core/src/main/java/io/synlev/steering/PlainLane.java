package io.synlev.steering;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.OwnFlows;
import io.synlev.datapath.Reason;
import io.synlev.hash.Seed;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.IpProtocol;
import io.synlev.packet.PlainParser;
import io.synlev.state.PoolCursor;

/**
 * Decides about what most packets of a burst are, in stages: parse all, match all, hash all and
 * look them up, write all decisions; later, when they stand, count all. {@link PacketSteering}
 * decides about the rest, one by one.
 *
 * <pre>
 *   addresses[], lengths[] --- not plain (fragment, ICMP, options, cut ...) ------> others[]
 *     | parse                                                                        ^
 *   flows, indices[] --------- no service, or one that asks for more than ports -----+
 *     | match
 *   services[]  --hash, look up--&gt;  hashes[], slots[], backends[]  --&gt;  decisions
 * </pre>
 *
 * <p>Where the datapath carries flows itself, {@link FollowingLane} does the rest from the services
 * on.
 *
 * <p>Both decide the same about every packet; this one is faster. A stage is a loop over parallel
 * arrays with little in it: the processor then waits for the memory of many packets at once, and
 * the compiler inlines all of it, which it gives up in a large method.
 *
 * <p>Belongs to one worker. Nothing is allocated, locked or thrown, and nothing outside the packets
 * is read. It changes nothing but {@code out}, and whose turn it is, so what does not stand can be
 * decided again.
 */
final class PlainLane {

  private final int worker;
  private final int markMask;
  private final Outcome noBackend;
  private final FlowHasher hasher;

  private final FlowBurst flows = new FlowBurst(BatchDecider.MAX_BATCH);
  private final int[] indices = new int[BatchDecider.MAX_BATCH];
  private final int[] services = new int[BatchDecider.MAX_BATCH];
  private final int[] hashes = new int[BatchDecider.MAX_BATCH];
  private final int[] slots = new int[BatchDecider.MAX_BATCH];
  private final int[] backends = new int[BatchDecider.MAX_BATCH];

  /** Where the packets that got a backend are to be counted. */
  private final long[] counters = new long[BatchDecider.MAX_BATCH];

  private int servedCount;

  /** How many of those are of UDP, and of TCP; the rest is SCTP. */
  private int udpCount;

  private int tcpCount;

  /** Null when the datapath carries no flows itself. */
  private final FollowingLane following;

  /**
   * Makes one.
   *
   * @param own null if the datapath carries no flows itself
   */
  PlainLane(int worker, int markMask, Seed seed, Outcome noBackend, OwnFlows own) {
    this.following =
        own == null
            ? null
            : new FollowingLane(worker, markMask, noBackend, own, flows, indices, services, hashes);
    this.worker = worker;
    this.markMask = markMask;
    this.noBackend = noBackend;
    this.hasher = new FlowHasher(seed);
  }

  /**
   * Decides about the plain ones among the packets from one index to before another.
   *
   * @param others where the indices of those go that are left, behind those there already; later
   *     fragments and first ones stay in order
   * @param otherCount how many are there already
   * @return how many are there now
   */
  int steer(
      View view,
      long epoch,
      long[] addresses,
      int[] lengths,
      int from,
      int to,
      Decision[] out,
      int[] others,
      int otherCount) {
    flows.count = 0;
    int left = PlainParser.parse(addresses, lengths, from, to, flows, indices, others, otherCount);
    if (following != null) {
      following.approach(hasher);
    }
    left = match(view, others, left);
    if (following != null) {
      // Also about no flow at all: it forgets those of the burst before.
      following.decide(view, epoch, hasher, out);
      return left;
    }
    Target[] targets = view.targets(worker);
    hash(targets);
    lookUp(targets, epoch);
    decide(targets, out);
    return left;
  }

  /** Keeps those whose service is certain. */
  private int match(View view, int[] others, int otherCount) {
    int left = otherCount;
    int kept = 0;
    for (int i = 0; i < flows.count; i++) {
      int service = view.certain(flows, i);
      if (service >= 0) {
        services[kept] = service;
        if (kept < i) {
          flows.move(i, kept);
          hashes[kept] = hashes[i];
          indices[kept] = indices[i];
        }
        kept++;
      } else {
        others[left++] = indices[i];
      }
    }
    flows.count = kept;
    return left;
  }

  private void hash(Target[] targets) {
    for (int i = 0; i < flows.count; i++) {
      hashes[i] = hasher.hash(flows, i, targets[services[i]].on());
    }
  }

  private void lookUp(Target[] targets, long epoch) {
    for (int i = 0; i < flows.count; i++) {
      PoolCursor cursor = targets[services[i]].cursor();
      cursor.refresh(epoch);
      int slot = cursor.slot(hashes[i]);
      slots[i] = slot;
      backends[i] = cursor.backendAt(slot);
    }
  }

  private void decide(Target[] targets, Decision[] out) {
    int served = 0;
    int udp = 0;
    int tcp = 0;
    for (int i = 0; i < flows.count; i++) {
      Decision decision = out[indices[i]];
      decision.service = services[i];
      decision.hash = hashes[i];
      decision.slot = slots[i];
      Target target = targets[services[i]];
      int backend = backends[i];
      int protocol = flows.protocol[i];
      target.decide(backend, markMask, reason(protocol), noBackend, decision);
      if (backend != PoolCursor.NONE) {
        counters[served++] = target.cursor().counter(backend);
        udp += protocol == IpProtocol.UDP ? 1 : 0;
        tcp += protocol == IpProtocol.TCP ? 1 : 0;
      }
    }
    servedCount = served;
    udpCount = udp;
    tcpCount = tcp;
  }

  static Reason reason(int protocol) {
    return protocol == IpProtocol.UDP
        ? Reason.FORWARDED_UDP
        : protocol == IpProtocol.TCP ? Reason.FORWARDED_TCP : Reason.SCTP;
  }

  /** Counts what {@link #steer} decided last. */
  void count(Decision[] out, ReasonCounter counter) {
    if (following != null) {
      following.count(out, counter);
      return;
    }
    counter.add(Reason.FORWARDED_UDP, udpCount);
    counter.add(Reason.FORWARDED_TCP, tcpCount);
    counter.add(Reason.SCTP, servedCount - udpCount - tcpCount);
    counter.add(Reason.NO_BACKEND, flows.count - servedCount);
    for (int i = 0; i < servedCount; i++) {
      PoolCursor.count(counters[i]);
    }
  }

  /** Tells about found flows of what {@link #steer} decided last. */
  void touchFlows() {
    following.touch();
  }

  /** Tells about new flows of the same. */
  void addFlows() {
    following.add();
  }
}
