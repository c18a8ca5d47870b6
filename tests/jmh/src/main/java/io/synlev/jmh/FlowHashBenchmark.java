package io.synlev.jmh;

import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The hash of a flow: 64 independent ones an invocation, as a batch has them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FlowHashBenchmark {
  private static final int BATCH = 64;
  private static final int TCP = 6;

  private final FlowHash hash = new FlowHash(new Seed(0x0123456789abcdefL, 42));
  private final long[] addresses = new Random(1).longs(4 * BATCH).toArray();
  private final int[] ports = new Random(2).ints(BATCH).toArray();

  /** Reading the fields alone, to subtract. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int fieldsOnly() {
    int sum = 0;
    for (int i = 0; i < BATCH; i++) {
      sum += (int) addresses[i] + (int) (addresses[i] >>> 32) ^ ports[i];
    }
    return sum;
  }

  /** IPv4. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int ipv4() {
    int sum = 0;
    for (int i = 0; i < BATCH; i++) {
      sum += hash.ipv4((int) addresses[i], (int) (addresses[i] >>> 32), ports[i], TCP);
    }
    return sum;
  }

  /** IPv6. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int ipv6() {
    int sum = 0;
    for (int i = 0; i < BATCH; i++) {
      int at = 4 * i;
      sum +=
          hash.ipv6(
              addresses[at],
              addresses[at + 1],
              addresses[at + 2],
              addresses[at + 3],
              ports[i],
              TCP);
    }
    return sum;
  }
}
