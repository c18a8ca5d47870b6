package io.synlev.fastpath;

import io.synlev.datapath.Datapath;
import io.synlev.datapath.DatapathDeciders;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.WorkerStatistics;
import io.synlev.dpdk.DpdkException;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortStatistics;
import io.synlev.state.Backend;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * The datapath over DPDK: a worker on each of several processors, each with a queue of its own.
 *
 * <p>DPDK itself starts once a process: what is started after a stop uses the one that runs.
 */
public final class DpdkDatapath implements Datapath {

  static final String NAME = "dpdk";

  private final FastPathOptions options;
  private final DatapathDeciders deciders;
  private final List<FastPathWorker> workers = new ArrayList<>();
  private final Map<String, Long> lastPortCounters = new LinkedHashMap<>();
  private Eal eal;
  private Connections connections;
  private Handovers handovers;

  /** Null if nothing is translated. */
  private NatSessions nat;

  /** Null then, too. */
  private NatWatch natWatch;

  private FastPathPorts ports;
  private VipWatch watch;
  private boolean prepared;
  private boolean started;
  private boolean stopped;

  /** Only remembers; nothing is loaded or opened yet. */
  public DpdkDatapath(FastPathOptions options, DatapathDeciders deciders) {
    this.options = options;
    this.deciders = deciders;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean leavesCopies() {
    return options.leavesCopies();
  }

  @Override
  public synchronized void prepare() throws IOException {
    if (prepared || stopped) {
      throw new IllegalStateException("this datapath was started before: make a new one");
    }
    prepared = true;
    try {
      eal = Eal.obtain(options.eal());
      ports = new FastPathPorts(eal, options.cores().size());
      ports.open(options);
      makeWorkers();
      watch = new VipWatch(ports.followers(), workers.getFirst()::vips);
    } catch (IOException | RuntimeException e) {
      stop();
      throw e;
    }
  }

  @Override
  public synchronized void start(Consumer<Throwable> onFailure) throws IOException {
    if (!prepared || started) {
      prepare();
    }
    started = true;
    watch.start();
    workers.forEach(worker -> worker.start(onFailure));
    if (natWatch != null) {
      natWatch.start();
    }
  }

  private void makeWorkers() throws DpdkException {
    int count = options.cores().size();
    NeighbourTable neighbours = new NeighbourTable(options.neighbours().most());
    ports.takeNeighbours(neighbours, options.neighbours().most() / 2, System.nanoTime());
    handovers = new Handovers(count);
    connections = new Connections(eal, options.connections(), count, ports.socket());
    if (options.nat() != null) {
      nat = new NatSessions(eal, options.nat(), ports.socket());
      natWatch = new NatWatch(nat);
    }
    for (int i = 0; i < count; i++) {
      workers.add(
          new FastPathWorker(
              eal,
              options,
              i,
              ports,
              neighbours,
              connections.counters(i),
              handovers.of(i, connections.counters(i)),
              connections.table(i),
              nat,
              deciders));
    }
  }

  @Override
  public void stop() {
    stop(() -> {});
  }

  /** First the kernel gets its packets back, then what came before is dealt with. */
  @Override
  public synchronized void stop(Runnable whenQuiet) {
    if (stopped) {
      whenQuiet.run();
      return;
    }
    stopped = true;
    if (watch != null) {
      watch.close();
    }
    workers.forEach(FastPathWorker::stop);
    workers.forEach(FastPathWorker::awaitEnd);
    try {
      whenQuiet.run();
    } finally {
      close();
    }
  }

  private void close() {
    lastPortCounters.putAll(portCounters());
    if (natWatch != null) {
      natWatch.close();
    }
    if (handovers != null) {
      handovers.free(ports.pool());
      handovers.close();
    }
    if (ports != null) {
      giveBack(ports::close);
    }
    if (connections != null) {
      giveBack(connections::close);
    }
    if (nat != null) {
      giveBack(nat::close);
    }
  }

  private static void giveBack(Closeable what) {
    try {
      what.close();
    } catch (IOException e) {
      // A driver that refuses to stop: the process's end takes the device from it.
      System.getLogger(NAME).log(System.Logger.Level.WARNING, e.getMessage());
    }
  }

  @Override
  public synchronized Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    if (!workers.isEmpty() && !stopped) {
      try {
        all.put("dpdk", eal.version());
        all.put("workers", options.cores().size() + ", processors " + processors());
        for (Port port : ports.all()) {
          all.put(
              port.name(),
              "driver %s, %d queues, numa node %d, mac %012x, mtu %d, link %s"
                  .formatted(
                      port.info().driver(),
                      options.cores().size(),
                      port.socket(),
                      port.mac(),
                      port.mtu(),
                      port.link().up() ? "up" : "down"));
          all.put(port.name() + " isolation", ports.isolation(port, options));
        }
      } catch (DpdkException e) {
        all.put("ports", e.getMessage());
      }
    }
    return all;
  }

  private String processors() {
    return options.cores().stream()
        .map(core -> core < 0 ? "any" : core.toString())
        .collect(Collectors.joining(","));
  }

  @Override
  public synchronized List<WorkerStatistics> statistics() {
    List<WorkerStatistics> all = new ArrayList<>();
    workers.forEach(worker -> all.add(worker.statistics()));
    if (prepared && eal != null) {
      if (nat != null) {
        all.add(new WorkerStatistics("nat", nat.room()));
      }
      all.add(new WorkerStatistics("ports", stopped ? lastPortCounters : portCounters()));
    }
    return all;
  }

  /** Into each worker's table: which one the NIC brings the flow to is not known. */
  @Override
  public boolean adopt(FlowRecord flow, int hash, long backend) {
    for (int i = 0; i < connections.count(); i++) {
      connections.table(i).adopt(flow, hash, backend);
    }
    return connections.count() > 0;
  }

  @Override
  public synchronized FlowListing flowListing(IntUnaryOperator marks) {
    return stopped || connections == null || connections.count() == 0
        ? null
        : new ConnectionListing(connections, nat, marks, System::nanoTime);
  }

  @Override
  public synchronized void forget(Backend former) {
    if (nat == null || stopped) {
      return;
    }
    for (InetAddress address : new InetAddress[] {former.ipv4(), former.ipv6()}) {
      if (address != null) {
        nat.forget(NatLane.number(former.fwmark(), address), System.nanoTime());
      }
    }
  }

  /** What the ports say; missing when one cannot. */
  private Map<String, Long> portCounters() {
    Map<String, Long> values = new LinkedHashMap<>();
    for (Port port : ports == null ? List.<Port>of() : ports.all()) {
      try {
        PortStatistics counted = port.statistics();
        values.put(port.name() + "-received", counted.received());
        values.put(port.name() + "-sent", counted.sent());
        values.put(port.name() + "-missed", counted.missed());
        values.put(port.name() + "-no-buffer", counted.noBuffer());
        values.put(port.name() + "-receive-errors", counted.receiveErrors());
        values.put(port.name() + "-send-errors", counted.sendErrors());
      } catch (DpdkException e) {
        // A driver without counters.
      }
    }
    return values;
  }
}
