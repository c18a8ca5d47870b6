package io.synlev.bpf;

import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import io.synlev.ffi.NativeException;
import io.synlev.packet.FlowKey;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * All flows of the tc program's tables: to list, count, and flush them. A walk over a million flows
 * takes some 0.3 s and does not hold the program up; what changes meanwhile may be seen or not. Any
 * thread may call.
 */
public final class TcFlows implements FlowListing {

  private static final int MOST_ROUNDS = 16;

  private final MapSet maps;
  private final Backends backends;
  private final IdleLimits limits;
  private final TcStatistics statistics;
  private final int room;

  TcFlows(MapSet maps, Backends backends, TcOptions options, TcStatistics statistics) {
    this.statistics = statistics;
    room = options.flows();
    this.maps = maps;
    this.backends = backends;
    limits = new IdleLimits(options.timeouts());
  }

  /**
   * Shows every flow, dead ones that nothing has replaced yet included.
   *
   * @param visitor given the same object again and again
   */
  @Override
  public void forEach(Consumer<FlowRecord> visitor) throws NativeException {
    flush(
        flow -> {
          visitor.accept(flow);
          return false;
        });
  }

  @Override
  public String carrier() {
    return "tc";
  }

  /**
   * {@inheritDoc}
   *
   * <p>A flow that the program moves to the big table meanwhile could be met in neither; so it
   * looks until it finds none.
   */
  @Override
  public long end(int... marks) throws NativeException {
    Set<Integer> meant = new HashSet<>();
    for (int mark : marks) {
      meant.add(mark);
    }
    long ended = flush(flow -> meant.contains(flow.mark));
    long more = ended;
    for (int round = 0; more > 0 && round < MOST_ROUNDS; round++) {
      more = flush(flow -> meant.contains(flow.mark));
      ended += more;
    }
    return ended;
  }

  @Override
  public Room room() {
    return new Room(room, "of each family");
  }

  @Override
  public Map<String, Long> counters() throws NativeException {
    Map<String, Long> counters = new LinkedHashMap<>();
    statistics.read().forEach((counter, sum) -> counters.put(counter.label(), sum));
    return counters;
  }

  /** How many live flows there are that the condition holds for. */
  public long count(Predicate<FlowRecord> condition) throws NativeException {
    long[] count = new long[1];
    forEach(flow -> count[0] += flow.isLive && condition.test(flow) ? 1 : 0);
    return count[0];
  }

  /**
   * Forgets flows: their next packet is decided by user space.
   *
   * @param condition given the same object again and again
   * @return how many were forgotten
   */
  @Override
  public long flush(Predicate<FlowRecord> condition) throws NativeException {
    FlowRecord record = new FlowRecord();
    return walk(MapSet.Name.FLOWS4, FlowKey.IPV4, false, record, condition)
        + walk(MapSet.Name.YOUNG4, FlowKey.IPV4, true, record, condition)
        + walk(MapSet.Name.FLOWS6, FlowKey.IPV6, false, record, condition)
        + walk(MapSet.Name.YOUNG6, FlowKey.IPV6, true, record, condition);
  }

  private long walk(
      MapSet.Name map,
      int family,
      boolean young,
      FlowRecord record,
      Predicate<FlowRecord> condition)
      throws NativeException {
    try (FlowWalk walk = new FlowWalk(maps.descriptor(map), FlowLayout.keyBytes(family))) {
      return walk.run(
          (key, value) -> {
            read(record, key, value, family, young);
            return condition.test(record);
          });
    }
  }

  private void read(FlowRecord out, long key, long value, int family, boolean young) {
    FlowLayout.readKey(key, family, out.flow);
    out.mark = backends.markOf(FlowLayout.backend(value), FlowLayout.epoch(value));
    out.packets = FlowLayout.packets(value);
    out.bytes = FlowLayout.bytes(value);
    int now = (int) (System.nanoTime() >>> FlowLayout.SEEN_SHIFT);
    int idle = Math.max(0, now - FlowLayout.seen(value));
    out.idleNanos = (long) idle << FlowLayout.SEEN_SHIFT;
    int state = FlowLayout.state(value);
    out.isClosing = (state & FlowLayout.CLOSING) != 0;
    out.isYoung = young;
    out.isLive = out.mark != 0 && !limits.isOver(idle, out.flow.protocol, state, young);
  }
}
