package io.synlev.jmh;

import io.synlev.hash.Seed;
import io.synlev.maglev.MaglevTable;
import io.synlev.maglev.Permutation;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Building a table from names: permutations, then turns. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TableBuildBenchmark {
  /** Slots. */
  @Param("65537")
  public int slots;

  /** Backends. */
  @Param({"100", "1000"})
  public int backends;

  /** Whether weights are 1 to 10 instead of all 1. */
  @Param({"false", "true"})
  public boolean weighted;

  private final Seed seed = new Seed(0x0123456789abcdefL, 0xfedcba9876543210L);
  private String[] names;
  private int[] weights;

  /** Names and weights. */
  @Setup
  public void prepare() {
    Random random = new Random(1);
    names = new String[backends];
    weights = new int[backends];
    for (int i = 0; i < backends; i++) {
      names[i] = "backend-" + i;
      weights[i] = weighted ? 1 + random.nextInt(10) : 1;
    }
  }

  /** The whole. */
  @Benchmark
  public char[] build() {
    Permutation[] permutations = new Permutation[backends];
    for (int i = 0; i < backends; i++) {
      permutations[i] = Permutation.of(names[i], seed, slots);
    }
    return MaglevTable.build(slots, permutations, weights);
  }
}
