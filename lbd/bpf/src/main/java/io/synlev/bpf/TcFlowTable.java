package io.synlev.bpf;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.InsertionLimit;
import io.synlev.ffi.SystemCalls;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A worker's view of the tc program's flow tables: finds any flow, adds young ones.
 *
 * <p>The flows of a batch are looked up with one system call by {@link #expect}, others one by one.
 * New flows wait in native memory until {@link #commit} writes them with one system call for each
 * family. Belongs to one worker thread, but for {@link #statistics}; neither allocates nor throws
 * per packet.
 */
public final class TcFlowTable implements FlowTable {

  private static final int TCP_FIN = 1;
  private static final int TCP_RST = 4;

  private static final int COUNTER_ADDED = 0;
  private static final int COUNTER_LIMITED = 8;
  private static final int COUNTER_REFUSED = 16;
  private static final int COUNTER_HOMELESS = 24;
  private static final int COUNTER_FOUND = 32;

  private final Backends backends;
  private final IdleLimits limits;
  private final InsertionLimit insertions;
  private final PacketHeaders headers = new PacketHeaders();

  /** Null if too many others ask. */
  private final Questions questions;

  private final NewFlows new4;
  private final NewFlows new6;
  private final int flows4;
  private final int flows6;
  private final int young4;
  private final int young6;
  private final long attributes;
  private final long key;
  private final long value;
  private final long counters;

  /**
   * Allocates everything.
   *
   * @param arena lives as long as this is used
   * @param questions its own, or null
   */
  TcFlowTable(Arena arena, MapSet maps, Backends backends, TcOptions options, Questions questions) {
    this.backends = backends;
    this.questions = questions;
    limits = new IdleLimits(options.timeouts());
    insertions = new InsertionLimit(options.insertions());
    flows4 = maps.descriptor(MapSet.Name.FLOWS4);
    flows6 = maps.descriptor(MapSet.Name.FLOWS6);
    young4 = maps.descriptor(MapSet.Name.YOUNG4);
    young6 = maps.descriptor(MapSet.Name.YOUNG6);
    new4 = new NewFlows(arena, FlowKey.IPV4, young4, BatchDecider.MAX_BATCH);
    new6 = new NewFlows(arena, FlowKey.IPV6, young6, BatchDecider.MAX_BATCH);
    attributes = arena.allocate(Bpf.ELEM_BYTES, 8).address();
    key = arena.allocate(FlowLayout.KEY6_BYTES, 8).address();
    value = arena.allocate(FlowLayout.FLOW_BYTES, 8).address();
    counters = arena.allocate(64, 64).address();
    Memory.putLong(attributes + Bpf.ELEM_KEY_OFFSET, key);
    Memory.putLong(attributes + Bpf.ELEM_VALUE_OFFSET, value);
  }

  /** True: what reaches user space of a live flow must follow it. */
  @Override
  public boolean isAskedAlways() {
    return true;
  }

  @Override
  public void expect(long[] addresses, int[] lengths, int count) {
    if (questions == null) {
      return;
    }
    questions.clear();
    for (int i = 0; i < count; i++) {
      if (PacketParser.parse(addresses[i], lengths[i], headers) == HeaderStatus.OK
          && !headers.fragment
          && FlowLayout.isKnown(headers.flow.protocol)) {
        questions.add(headers.flow);
      }
    }
    questions.ask();
  }

  @Override
  public int find(FlowKey flow) {
    if (!FlowLayout.isKnown(flow.protocol)) {
      return NONE;
    }
    long question = questions == null ? 0 : questions.question(flow);
    int mark = question == 0 ? findAlone(flow) : answer(question, flow.protocol);
    if (mark != NONE) {
      count(COUNTER_FOUND, 1);
    }
    return mark;
  }

  private int answer(long question, int protocol) {
    return Questions.isFound(question)
        ? markOf(Questions.flow(question), protocol, Questions.isYoung(question))
        : NONE;
  }

  private int findAlone(FlowKey flow) {
    boolean isIpv4 = flow.family == FlowKey.IPV4;
    FlowLayout.writeKey(key, flow);
    // The program moves flows to the big table before it deletes the young ones: in this order none
    // is missed.
    int mark = look(isIpv4 ? young4 : young6, flow.protocol, true);
    return mark == NONE ? look(isIpv4 ? flows4 : flows6, flow.protocol, false) : mark;
  }

  private int look(int map, int protocol, boolean isYoung) {
    Memory.putInt(attributes, map);
    if (SystemCalls.bpf(Bpf.MAP_LOOKUP_ELEM, attributes, Bpf.ELEM_BYTES) < 0) {
      return NONE;
    }
    return markOf(value, protocol, isYoung);
  }

  private int markOf(long flow, int protocol, boolean isYoung) {
    int idle = (int) (System.nanoTime() >>> FlowLayout.SEEN_SHIFT) - FlowLayout.seen(flow);
    if (limits.isOver(idle, protocol, FlowLayout.state(flow), isYoung)) {
      return NONE;
    }
    return backends.markOf(FlowLayout.backend(flow), FlowLayout.epoch(flow));
  }

  @Override
  public void add(FlowKey flow, int mark, int tcpFlags) {
    if (!FlowLayout.isKnown(flow.protocol) || (tcpFlags & TCP_RST) != 0) {
      return;
    }
    int slot = backends.slotOf(mark);
    int epoch = slot < 0 ? 0 : backends.epochOf(slot, mark);
    if (epoch == 0) {
      count(COUNTER_HOMELESS, 1);
      return;
    }
    NewFlows added = flow.family == FlowKey.IPV4 ? new4 : new6;
    if (added.isFull()) {
      commit(System.nanoTime());
    }
    added.add(flow, slot, epoch, (tcpFlags & TCP_FIN) != 0 ? FlowLayout.CLOSING : 0);
  }

  @Override
  public void commit(long nowNanos) {
    write(new4, nowNanos);
    write(new6, nowNanos);
  }

  private void write(NewFlows added, long nowNanos) {
    int wanted = added.count();
    if (wanted == 0) {
      return;
    }
    int allowed = insertions.take(wanted, nowNanos);
    int written = added.write(allowed, nowNanos);
    count(COUNTER_ADDED, written);
    count(COUNTER_LIMITED, wanted - allowed);
    count(COUNTER_REFUSED, allowed - written);
  }

  private void count(int counter, int by) {
    Memory.putLongOpaque(counters + counter, Memory.getLongOpaque(counters + counter) + by);
  }

  /** This worker's counters by label, which only grow. Any thread may call. */
  public Map<String, Long> statistics() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("flows-added", Memory.getLongOpaque(counters + COUNTER_ADDED));
    all.put("flows-found", Memory.getLongOpaque(counters + COUNTER_FOUND));
    all.put("flows-over-limit", Memory.getLongOpaque(counters + COUNTER_LIMITED));
    all.put("flows-refused", Memory.getLongOpaque(counters + COUNTER_REFUSED));
    all.put("flows-without-backend", Memory.getLongOpaque(counters + COUNTER_HOMELESS));
    return all;
  }
}
