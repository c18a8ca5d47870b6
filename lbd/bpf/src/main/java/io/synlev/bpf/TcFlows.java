package io.synlev.bpf;

import io.synlev.datapath.CarriedFlows;
import io.synlev.ffi.NativeException;
import io.synlev.packet.FlowKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * All flows of the tc program's tables: to list, count, and flush them. A walk over a million flows
 * takes some 0.3 s and does not hold the program up; what changes meanwhile may be seen or not. Any
 * thread may call.
 */
public final class TcFlows implements CarriedFlows {

  /**
   * A client that has said FIN or RST, and nothing for so long, is through; the program remembers
   * the flow for much longer.
   */
  private static final long CLOSED_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int MOST_ROUNDS = 16;

  private final MapSet maps;
  private final Backends backends;
  private final IdleLimits limits;

  TcFlows(MapSet maps, Backends backends, TcOptions options) {
    this.maps = maps;
    this.backends = backends;
    limits = new IdleLimits(options.timeouts());
  }

  /**
   * Shows every flow, dead ones that nothing has replaced yet included.
   *
   * @param visitor given the same object again and again
   */
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

  @Override
  public long[] count(int... marks) throws NativeException {
    Map<Integer, Integer> indices = new HashMap<>();
    for (int i = 0; i < marks.length; i++) {
      indices.put(marks[i], i);
    }
    long[] counts = new long[marks.length];
    forEach(
        flow -> {
          boolean isOver = flow.isClosing && flow.idleNanos > CLOSED_NANOS;
          Integer index = flow.isLive && !isOver ? indices.get(flow.mark) : null;
          if (index != null) {
            counts[index]++;
          }
        });
    return counts;
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
            record.read(key, value, family, young, backends, limits);
            return condition.test(record);
          });
    }
  }
}
