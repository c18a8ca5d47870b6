package io.synlev.jmh;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;
import io.synlev.packet.PlainParser;
import java.lang.foreign.Arena;
import java.util.Arrays;
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

/** Reading the headers of 64 TCP packets, each with cache lines of its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ParseBenchmark {
  private static final int BATCH = 64;
  private static final int ROOM = 128;

  /** 4 or 6. */
  @Param({"4", "6"})
  public int family;

  private final Arena arena = Arena.ofShared();
  private final long[] addresses = new long[BATCH];
  private final int[] lengths = new int[BATCH];
  private final FlowBurst flows = new FlowBurst(BATCH);
  private final int[] indices = new int[BATCH];
  private final int[] others = new int[BATCH];
  private final PacketHeaders headers = new PacketHeaders();

  /** Makes SYNs from different ports. */
  @Setup
  public void make() {
    int header = family == 4 ? 20 : 40;
    long memory = arena.allocate((long) BATCH * ROOM, 64).address();
    Arrays.fill(lengths, header + 20);
    for (int i = 0; i < BATCH; i++) {
      long packet = memory + (long) i * ROOM;
      addresses[i] = packet;
      if (family == 4) {
        Memory.putIntBe(packet, 0, 0x4500 << 16 | header + 20);
        Memory.putIntBe(packet, 8, 64 << 24 | 6 << 16);
        Memory.putLongBe(packet, 12, 0x0a00_0001_c000_0201L);
      } else {
        Memory.putIntBe(packet, 0, 6 << 28);
        Memory.putIntBe(packet, 4, 20 << 16 | 6 << 8 | 64);
        Memory.putLongBe(packet, 8, 0x2001_0db8_0000_0000L);
        Memory.putLongBe(packet, 24, 0x2001_0db8_0000_0000L);
        Memory.putLongBe(packet, 32, 2);
      }
      Memory.putIntBe(packet, header, 1024 + i << 16 | 80);
      Memory.putIntBe(packet, header + 12, 0x5002 << 16);
    }
  }

  /** Gives the memory back. */
  @TearDown
  public void free() {
    arena.close();
  }

  /** All at once, into arrays: what most packets are. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int plain() {
    flows.count = 0;
    return PlainParser.parse(addresses, lengths, 0, BATCH, flows, indices, others, 0);
  }

  /** One by one, whatever they are. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int any() {
    int sum = 0;
    for (int i = 0; i < BATCH; i++) {
      PacketParser.parse(addresses[i], lengths[i], headers);
      sum += headers.flow.ports;
    }
    return sum;
  }
}
