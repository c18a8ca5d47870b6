package io.synlev.fastpath;

import io.synlev.dpdk.DpdkException;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.HugeMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The connection tables and counters of all workers, and the memory of the tables. */
final class Connections implements AutoCloseable {

  private static final int CACHE_LINE = 64;

  private final List<HugeMemory> memories = new ArrayList<>();
  private final List<ConnectionTable> tables = new ArrayList<>();
  private final ConnectionOptions options;
  private final List<Counters> counters;
  private boolean isClosed;
  private final AtomicLong flushed = new AtomicLong();

  /**
   * Takes the memory.
   *
   * @param socket the NUMA node of the port, or -1
   * @throws DpdkException when there is no room; then nothing is taken
   */
  Connections(Eal eal, ConnectionOptions options, int workers, int socket) throws DpdkException {
    this.options = options;
    counters = IntStream.range(0, workers).mapToObj(_ -> new Counters()).toList();
    if (options.flows() == 0) {
      return;
    }
    try {
      for (int i = 0; i < workers; i++) {
        String name = "a connection table of %,d flows".formatted(options.flows());
        HugeMemory memory = HugeMemory.allocate(eal, name, options.bytes(), CACHE_LINE, socket);
        memories.add(memory);
        tables.add(
            new ConnectionTable(memory.address(), options, counters.get(i), System.nanoTime()));
      }
    } catch (DpdkException e) {
      close();
      throw e;
    }
    SharedTables all = new SharedTables(tables);
    tables.forEach(table -> table.join(all));
  }

  /** Takes tables whose memory is somebody else's. */
  Connections(ConnectionOptions options, List<ConnectionTable> tables, List<Counters> counters) {
    this.options = options;
    this.counters = counters;
    this.tables.addAll(tables);
  }

  Counters counters(int worker) {
    return counters.get(worker);
  }

  /** A worker's table, or null without tables. */
  ConnectionTable table(int worker) {
    return tables.isEmpty() ? null : tables.get(worker);
  }

  /** How many tables there are: one for each worker, or none. */
  int count() {
    return tables.size();
  }

  /** Shows each table, as long as their memory is there: not after {@link #close}. Any thread. */
  synchronized void forEach(Consumer<ConnectionTable> visitor) {
    if (!isClosed) {
      tables.forEach(visitor);
    }
  }

  ConnectionOptions options() {
    return options;
  }

  /** What all workers have counted together. */
  long sum(FastPathCounter counter) {
    return counters.stream().mapToLong(each -> each.get(counter)).sum();
  }

  void countFlushed(long flows) {
    flushed.addAndGet(flows);
  }

  /** How many flows people have had forgotten. */
  long flushed() {
    return flushed.get();
  }

  /** Gives the memory back, when no worker is at work. */
  @Override
  public synchronized void close() throws DpdkException {
    isClosed = true;
    for (HugeMemory memory : memories) {
      memory.close();
    }
  }
}
