package io.synlev.jmh;

import io.synlev.state.Instance;
import io.synlev.state.PoolCursor;
import java.lang.invoke.VarHandle;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From a hash to a backend, in batches of 64, with random hashes over a table of 65,537 slots and
 * 100 backends. The hashes are read from an array, whose cost every row holds.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 3, jvmArgsAppend = "-Xmx256m")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LookupBenchmark {
  private static final int BATCH = 64;
  private static final int HASHES = 1 << 14;

  private final int[] hashes = new Random(1).ints(HASHES).toArray();
  private int next;

  private Instance instance;
  private PoolCursor cursor;
  private int[] heapTable;

  /** Creates an instance, and a copy of its table on the heap. */
  @Setup
  public void create() {
    instance = Pools.create(100);
    cursor = instance.pool(Pools.NAME).cursor(0);
    char[] table = instance.snapshot(Pools.NAME).table();
    heapTable = new int[table.length];
    for (int slot = 0; slot < table.length; slot++) {
      heapTable[slot] = table[slot];
    }
  }

  /** Deletes it. */
  @TearDown
  public void delete() {
    Pools.delete(instance);
  }

  private int batch() {
    next = next + BATCH & HASHES - 1;
    return next;
  }

  /** Reading the hashes alone, to subtract. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int hashesOnly() {
    int sum = 0;
    int from = batch();
    for (int i = from; i < from + BATCH; i++) {
      sum += hashes[i];
    }
    return sum;
  }

  /** What cannot be beaten: an array on the heap that nobody else changes. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int heapArray() {
    int sum = 0;
    int from = batch();
    int[] table = heapTable;
    for (int i = from; i < from + BATCH; i++) {
      sum += table[(int) ((hashes[i] & 0xffffffffL) * table.length >>> 32)];
    }
    return sum;
  }

  /** As a worker does it: epoch, look-ups, fence, epoch again. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int backend() {
    int sum;
    long epoch;
    do {
      epoch = instance.epoch();
      sum = 0;
      int from = batch();
      for (int i = from; i < from + BATCH; i++) {
        cursor.refresh(epoch);
        sum += cursor.backend(hashes[i]);
      }
      VarHandle.acquireFence();
    } while (instance.epoch() != epoch);
    return sum;
  }

  /** The same and the fwmark of each backend. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int mark() {
    int sum;
    long epoch;
    do {
      epoch = instance.epoch();
      sum = 0;
      int from = batch();
      for (int i = from; i < from + BATCH; i++) {
        cursor.refresh(epoch);
        int backend = cursor.backend(hashes[i]);
        sum += backend == PoolCursor.NONE ? 0 : cursor.mark(backend);
      }
      VarHandle.acquireFence();
    } while (instance.epoch() != epoch);
    return sum;
  }
}
