package io.synlev.lbd;

import io.synlev.hash.XxHash64;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * The fwmarks of backends by their identity, as {@link io.synlev.state.PoolCursor#identity} has it:
 * as the instance has them at each moment. Any thread may ask.
 */
final class IdentifiedMarks implements IntUnaryOperator {
  private static final long NEVER = -1;

  private final Instance instance;
  private Map<Integer, Integer> marks = Map.of();
  private long epochSeen = NEVER;

  IdentifiedMarks(Instance instance) {
    this.instance = instance;
  }

  /** 0 for a backend that is not there. */
  @Override
  public synchronized int applyAsInt(int identity) {
    long epoch = instance.epoch();
    if (epoch != epochSeen) {
      marks = read();
      epochSeen = epoch;
    }
    return marks.getOrDefault(identity, 0);
  }

  private Map<Integer, Integer> read() {
    Map<Integer, Integer> read = new HashMap<>();
    for (PoolFile file : instance.configuration().pools()) {
      for (PoolSnapshot.Member member : instance.snapshot(file.name()).members()) {
        read.put(identity(file.name(), member.backend().name()), member.backend().fwmark());
      }
    }
    return read;
  }

  private static int identity(String pool, String backend) {
    return (int) XxHash64.hash((pool + '/' + backend).getBytes(StandardCharsets.US_ASCII), 0);
  }
}
