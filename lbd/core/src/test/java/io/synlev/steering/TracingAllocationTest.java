package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.synlev.datapath.Decision;
import io.synlev.packet.Captured;
import io.synlev.state.Prefix;
import io.synlev.steering.trace.Trace;
import io.synlev.steering.trace.TraceFilter;
import io.synlev.steering.trace.TraceFilter.Parts;
import io.synlev.steering.trace.TracedDecider;
import io.synlev.steering.trace.Traces;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker allocates nothing, whether somebody traces or not. */
class TracingAllocationTest {
  private static final int BATCHES = 1_000_000 / Steering.MAX_BATCH + 1;

  @TempDir Path base;
  private final Arena arena = Arena.ofConfined();
  private final Traces traces = new Traces();
  private final long[] addresses = new long[Steering.MAX_BATCH];
  private final int[] lengths = new int[Steering.MAX_BATCH];
  private final Decision[] out = new Decision[Steering.MAX_BATCH];
  private Testbed bed;
  private TracedDecider decider;
  private long now;

  @BeforeEach
  void start() throws Exception {
    bed = new Testbed(base);
    decider = new TracedDecider(bed.steering(SteeringOptions.DEFAULT), traces, bed.views, 0);
    List<Captured> captured = Captured.all();
    for (int i = 0; i < addresses.length; i++) {
      byte[] bytes = captured.get(i % captured.size()).bytes();
      MemorySegment copy = arena.allocate(Math.max(bytes.length, 1));
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
      addresses[i] = copy.address();
      lengths[i] = bytes.length;
      out[i] = new Decision();
    }
  }

  @AfterEach
  void stop() {
    bed.close();
    arena.close();
  }

  /** The compiler's last deoptimization puts an object on the heap once. */
  private void warmUp() {
    for (int i = 0; i < 4; i++) {
      allocated();
    }
  }

  @Test
  void shouldAllocateNothingWithoutATrace() {
    warmUp();
    assertEquals(0, allocated(), "bytes allocated by this thread");
  }

  @Test
  void shouldAllocateNothingWithTraces() {
    Parts some =
        new Parts(
            "web",
            Prefix.parse("192.0.2.0/24"),
            Prefix.parse("0.0.0.0/0"),
            TraceFilter.ICMP,
            TraceFilter.ANY,
            TraceFilter.ANY,
            0,
            0,
            Set.of(),
            Set.of(101, 102));
    Trace all = new Trace(2, new TraceFilter(Parts.ALL), 1_000_000, Trace.MOST_BYTES, 0);
    traces.start(all);
    traces.start(new Trace(2, new TraceFilter(some), 100, 256, 0));
    warmUp();
    // Make room, so that packets are kept and refused.
    long kept = 0;
    while (all.take() != null) {
      kept++;
    }
    assertTrue(kept > 100, "kept " + kept);
    assertEquals(0, allocated(), "bytes allocated by this thread");
    assertTrue(all.take() != null && all.withoutRoom() > 0, "packets kept, and packets refused");
  }

  private long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < BATCHES; i++) {
      now += 1_000_000;
      decider.decideBatch(addresses, lengths, addresses.length, now, out);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
