package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.Map;

/** Reads what the program has counted on all processors. Any thread may call. */
final class TcStatistics {

  private static final int COUNTERS = TcCounter.values().length;

  private final int map;
  private final int processors;

  TcStatistics(int map, int processors) {
    this.map = map;
    this.processors = processors;
  }

  /** The sums since the map was made; they survive the process. */
  Map<TcCounter, Long> read() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate((long) processors * COUNTERS * Long.BYTES, 8);
      int result = Bpf.lookup(map, arena.allocate(4, 4), values);
      NativeException.check(result, "reading the tc program's counters");
      Map<TcCounter, Long> sums = new EnumMap<>(TcCounter.class);
      for (TcCounter counter : TcCounter.values()) {
        long sum = 0;
        for (int i = 0; i < processors; i++) {
          long at = (long) i * COUNTERS + counter.ordinal();
          sum += values.getAtIndex(ValueLayout.JAVA_LONG, at);
        }
        sums.put(counter, sum);
      }
      return sums;
    }
  }
}
