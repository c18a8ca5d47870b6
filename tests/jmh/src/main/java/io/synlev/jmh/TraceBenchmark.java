package io.synlev.jmh;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.state.Instance;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.steering.Steering;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import io.synlev.steering.trace.Trace;
import io.synlev.steering.trace.TraceFilter;
import io.synlev.steering.trace.TracedDecider;
import io.synlev.steering.trace.Traces;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs a worker that its decisions can be traced: TCP packets in batches of 64. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 3, jvmArgsAppend = "-Xmx256m")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TraceBenchmark {
  private static final int BATCH = 64;
  private static final int PACKET_BYTES = 40;
  private static final ValueLayout.OfInt INT_BE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Who traces. */
  public enum Tracing {
    /** The decider alone: as if there were no tracing. */
    ABSENT,
    /** Nobody. */
    OFF,
    /** Somebody, whose filter fits no packet. */
    UNFIT,
    /** Somebody, who sees 100 packets a second. */
    LIMITED
  }

  /** Who traces. */
  @Param public Tracing tracing;

  private final Arena arena = Arena.ofConfined();
  private final long[] addresses = new long[BATCH];
  private final int[] lengths = new int[BATCH];
  private final Decision[] out = new Decision[BATCH];
  private Instance instance;
  private BatchDecider decider;
  private long now;

  /** Creates an instance with a service, and 64 packets to it. */
  @Setup
  public void create() {
    instance = Pools.create(100);
    instance.updateServices(
        _ -> List.of(new Service("web", Pools.NAME, List.of(Prefix.parse("10.0.0.0/32")))));
    for (int i = 0; i < BATCH; i++) {
      // RFC 791 and RFC 9293: from 192.0.2.i port 1000 + i to 10.0.0.0 port 80, SYN.
      MemorySegment packet = arena.allocate(PACKET_BYTES, 8);
      packet.set(INT_BE, 0, 0x4500_0028);
      packet.set(INT_BE, 8, 0x4006_0000);
      packet.set(INT_BE, 12, 0xc000_0200 + i);
      packet.set(INT_BE, 16, 0x0a00_0000);
      packet.set(INT_BE, 20, 1000 + i << 16 | 80);
      packet.set(INT_BE, 32, 0x5002_0000);
      addresses[i] = packet.address();
      lengths[i] = PACKET_BYTES;
      out[i] = new Decision();
    }
    Views views = new Views(View.compile(instance, 1), 1);
    Traces traces = new Traces();
    Steering steering = new Steering(instance, views, 0, SteeringOptions.DEFAULT, FlowTable.EMPTY);
    decider = tracing == Tracing.ABSENT ? steering : new TracedDecider(steering, traces, views, 0);
    switch (tracing) {
      case ABSENT, OFF -> {
        // No trace.
      }
      case UNFIT -> traces.start(trace(Prefix.parse("198.51.100.0/24")));
      case LIMITED -> traces.start(trace(null));
    }
  }

  private static Trace trace(Prefix source) {
    int any = TraceFilter.ANY;
    return new Trace(
        1,
        new TraceFilter(
            new TraceFilter.Parts(null, null, source, any, any, any, 0, 0, Set.of(), Set.of())),
        100,
        256,
        0);
  }

  /** Deletes it. */
  @TearDown
  public void delete() {
    Pools.delete(instance);
    arena.close();
  }

  /** A packet of a batch. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public Decision[] decide() {
    now += 1000;
    decider.decideBatch(addresses, lengths, BATCH, now, out);
    return out;
  }
}
