package io.synlev.state;

import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks up batches as a worker does and checks every answer that a worker would act on. In this
 * process as a thread, or in another one by {@link #main}.
 */
final class CrashReader implements Runnable {
  private static final int BATCH = 64;

  private final Instance instance;
  private final boolean rechecks;
  private final boolean pauses;
  private final Random random = new Random(42);

  private volatile boolean stopped;
  private volatile long torn;
  private volatile long accepted;
  private volatile long refused;
  private volatile long generations;
  private volatile long lastGeneration;
  private volatile String example = "";

  /**
   * Prepares a reader.
   *
   * @param rechecks whether it re-reads the epoch before it believes a batch
   * @param pauses whether it lets two generations pass between finding its table and reading it
   */
  CrashReader(Instance instance, boolean rechecks, boolean pauses) {
    this.instance = instance;
    this.rechecks = rechecks;
    this.pauses = pauses;
  }

  /** Arguments: base directory, instance. Reads until its input ends, then tells what it saw. */
  public static void main(String[] args) throws Exception {
    try (Instance instance = Instance.open(new StateDirectory(Path.of(args[0]), args[1]))) {
      CrashReader reader = new CrashReader(instance, true, false);
      Thread thread = new Thread(reader);
      thread.start();
      System.out.println("ready");
      while (System.in.read() >= 0) {
        // The end of input is the signal.
      }
      reader.stop();
      thread.join();
      System.out.println(reader.torn() + " " + reader.accepted() + " " + reader.example());
    }
  }

  @Override
  public void run() {
    PoolCursor cursor = instance.pool(Stamps.POOL).cursor(0);
    int[] hashes = new int[BATCH];
    int[] marks = new int[BATCH];
    for (long n = 1; !stopped; n++) {
      for (int i = 0; i < BATCH; i++) {
        hashes[i] = random.nextInt();
      }
      long epoch = instance.epoch();
      cursor.refresh(epoch);
      if (pauses) {
        letTwoPass(epoch);
      }
      for (int i = 0; i < BATCH; i++) {
        int backend = cursor.backend(hashes[i]);
        marks[i] = backend == PoolCursor.NONE ? -1 : cursor.mark(backend);
      }
      VarHandle.acquireFence();
      if (rechecks && instance.epoch() != epoch) {
        refused += BATCH;
        continue;
      }
      check(cursor, hashes, marks);
      if (n % 64 == 0) {
        // The machine is for the writers too.
        LockSupport.parkNanos(500_000);
      }
      if (n % 4096 == 0) {
        checkCopies();
      }
    }
  }

  private void letTwoPass(long epoch) {
    // Each change adds two: when the second one has begun, our slot is being filled again.
    while (!stopped && instance.epoch() < epoch + 5) {
      LockSupport.parkNanos(10_000);
    }
  }

  private void check(PoolCursor cursor, int[] hashes, int[] marks) {
    long generation = cursor.generation();
    if (generation < lastGeneration) {
      note("generation " + generation + " after " + lastGeneration);
    } else if (generation > lastGeneration) {
      generations++;
      lastGeneration = generation;
    }
    for (int i = 0; i < BATCH; i++) {
      int slot = cursor.slot(hashes[i]);
      if (marks[i] != Stamps.expectedMark(generation, slot)) {
        note("generation " + generation + ", slot " + slot + ": mark " + marks[i]);
      }
    }
    accepted += BATCH;
  }

  private void checkCopies() {
    PoolSnapshot snapshot = instance.snapshot(Stamps.POOL);
    if (!Stamps.isWhole(snapshot)) {
      note("snapshot of generation " + snapshot.generation());
    }
    Configuration configuration = instance.configuration();
    if (!Stamps.isWhole(configuration)) {
      note("configuration " + configuration);
    }
  }

  private void note(String what) {
    torn++;
    example = what;
  }

  void stop() {
    stopped = true;
  }

  /** Answers that belong to no generation. */
  long torn() {
    return torn;
  }

  /** Answers that a worker would have acted on. */
  long accepted() {
    return accepted;
  }

  /** Answers that the re-check threw away. */
  long refused() {
    return refused;
  }

  /** How many generations it saw. */
  long generations() {
    return generations;
  }

  /** One of the torn ones. */
  String example() {
    return example;
  }
}
