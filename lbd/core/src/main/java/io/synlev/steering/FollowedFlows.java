package io.synlev.steering;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.OwnFlows;
import io.synlev.datapath.Reason;
import io.synlev.packet.FlowKey;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.packet.PacketParser;
import io.synlev.packet.TransportHeader;
import io.synlev.state.PoolCursor;

/**
 * Decides by the flows that the datapath carries itself, and tells it about them once the decisions
 * of a batch stand.
 *
 * <p>Belongs to one worker. Nothing is allocated, locked or thrown.
 */
final class FollowedFlows {

  private enum Step {
    /** The flow was not asked for, or nobody has it. */
    NONE,
    TOUCH,
    ADD
  }

  private final OwnFlows flows;
  private final int worker;
  private final int markMask;
  private final PacketHeaders headers = new PacketHeaders();

  private final Step[] steps = new Step[BatchDecider.MAX_BATCH];
  private final long[] founds = new long[BatchDecider.MAX_BATCH];
  private final long[] numbers = new long[BatchDecider.MAX_BATCH];
  private final int[] hashes = new int[BatchDecider.MAX_BATCH];
  private final int[] flags = new int[BatchDecider.MAX_BATCH];

  /** What is known of the packet in hand. */
  private Step step;

  private long found;
  private long number;
  private int hash;
  private int tcpFlags;
  private int bypasses;

  FollowedFlows(OwnFlows flows, int worker, int markMask) {
    this.flows = flows;
    this.worker = worker;
    this.markMask = markMask;
  }

  void begin(long nowNanos) {
    flows.begin(nowNanos);
  }

  /** Takes the next packet in hand. */
  void next() {
    step = Step.NONE;
  }

  /**
   * Decides by the packet's flow.
   *
   * @param packet in one piece, with ports
   * @param flowHash of the flow's addresses, protocol and ports
   * @return the cursor of the pool with its backend; null if the flow is not known
   */
  PoolCursor find(View view, long epoch, PacketHeaders packet, int flowHash, Decision out) {
    hash = flowHash;
    tcpFlags = tcpFlags(packet);
    found = flows.find(packet.flow, hash, tcpFlags);
    if (found == OwnFlows.UNKNOWN) {
      return null;
    }
    PoolCursor cursor = follow(view, epoch, flows.backend(found), flowHash, out);
    step = cursor == null ? Step.NONE : Step.TOUCH;
    return cursor;
  }

  /**
   * Decides by the flow of a fragment, or of a packet that an error quotes.
   *
   * @return as {@link #find}
   */
  PoolCursor findAnywhere(View view, long epoch, FlowKey flow, int flowHash, Decision out) {
    long backend = flows.findAnywhere(flow, flowHash);
    return backend == OwnFlows.UNKNOWN ? null : follow(view, epoch, backend, flowHash, out);
  }

  private PoolCursor follow(View view, long epoch, long backend, int flowHash, Decision out) {
    PoolCursor[] cursors = view.cursors(worker);
    int place = BackendNumbers.place(cursors, epoch, backend);
    if (place < 0) {
      return null;
    }
    PoolCursor cursor = cursors[place];
    int index = BackendNumbers.backend(backend);
    number = BackendNumbers.at(place, backend);
    follow(cursor, index, markMask, flowHash, out);
    return cursor;
  }

  /** Gives a packet to the backend that its flow has; the service is the caller's business. */
  static void follow(PoolCursor cursor, int backend, int markMask, int flowHash, Decision out) {
    out.mark(cursor.mark(backend) & markMask, backend, Reason.FOLLOWED_FLOW);
    cursor.nextHop(backend, out.nextHop);
    out.generation = cursor.generation();
    out.hash = flowHash;
    out.slot = 0;
  }

  /** Wants the flow that {@link #find} did not find to be known, with the backend it has got. */
  void want(Target target, Decision out) {
    number = BackendNumbers.of(target.place(), target.cursor(), out.backend);
    step = number == BackendNumbers.NONE ? Step.NONE : Step.ADD;
  }

  /** Puts the packet in hand down at its index in the batch. */
  void put(int index) {
    steps[index] = step;
    founds[index] = found;
    numbers[index] = number;
    hashes[index] = hash;
    flags[index] = tcpFlags;
  }

  /** Tells about found flows of some packets whose decisions stand. */
  void touch(int[] indices, int from, int to, Decision[] out) {
    for (int j = from; j < to; j++) {
      int i = indices[j];
      if (steps[i] == Step.TOUCH) {
        flows.touch(founds[i], numbers[i], flags[i]);
      } else if (steps[i] == Step.NONE && out[i].service != Decision.NO_SERVICE) {
        bypasses++;
      }
    }
  }

  /** Tells about new flows of the same. */
  void add(int[] indices, int from, int to, long[] addresses, int[] lengths) {
    for (int j = from; j < to; j++) {
      int i = indices[j];
      if (steps[i] == Step.ADD) {
        PacketParser.parse(addresses[i], lengths[i], headers);
        flows.add(headers.flow, hashes[i], flags[i], numbers[i]);
      }
    }
  }

  void end() {
    if (bypasses > 0) {
      flows.bypass(bypasses);
      bypasses = 0;
    }
    flows.end();
  }

  /** TCP's byte 13 of a packet whose headers were read; 0 for other protocols. */
  static int tcpFlags(PacketHeaders packet) {
    int at = packet.transportOffset;
    return packet.kind == PacketKind.TCP
        ? TransportHeader.tcpFlags(packet.address + at, packet.end - at)
        : 0;
  }
}
