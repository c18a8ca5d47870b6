package io.synlev.jmh;

import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.util.ArrayList;
import java.util.List;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A whole change of a pool: lock, read, build, fill, publish, read back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 3, jvmArgsAppend = "-Xmx256m")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PoolUpdateBenchmark {
  /** Backends; the table has 65,537 slots. */
  @Param({"100", "1000"})
  public int backends;

  private Instance instance;

  /** Creates an instance. */
  @Setup
  public void create() {
    instance = Pools.create(backends);
  }

  /** Deletes it. */
  @TearDown
  public void delete() {
    Pools.delete(instance);
  }

  /** Takes the first backend out or back in. */
  @Benchmark
  public PoolSnapshot update() {
    return instance.updatePool(
        Pools.NAME,
        before -> {
          List<Backend> after = new ArrayList<>(before);
          Backend first = after.get(0);
          after.set(
              0,
              first.with(
                  first.state() == AdminState.ACTIVE ? AdminState.INACTIVE : AdminState.ACTIVE));
          return after;
        });
  }
}
