package io.synlev.netfilter;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Datapath;
import io.synlev.datapath.WorkerStatistics;
import io.synlev.ffi.NativeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * The datapath over NFQUEUE: one thread for each of several queues. Which packet goes to which
 * queue is the rules' business.
 *
 * <p>Needs CAP_NET_ADMIN for its whole life: the kernel checks it for every verdict.
 */
public final class NfqueueDatapath implements Datapath {

  /**
   * Enough for the warm-up: about 30 ms with an AOT cache; more brought the first packets no lower.
   */
  public static final int WARM_UP_PACKETS = 2000;

  private final List<QueueOptions> queues;
  private final IntFunction<BatchDecider> deciders;
  private final List<QueueWorker> workers = new ArrayList<>();
  private FragmentQueues fragments;
  private TunDevice tun;
  private boolean started;
  private boolean stopped;

  /**
   * Only remembers; nothing is loaded or opened yet.
   *
   * @param queues at least one, no number twice
   * @param deciders makes the decider of worker 0, 1, ... when it is started; each serves one
   *     thread
   */
  public NfqueueDatapath(List<QueueOptions> queues, IntFunction<BatchDecider> deciders) {
    if (queues.isEmpty()) {
      throw new IllegalArgumentException("no queue was given: use at least one");
    }
    if (queues.stream().mapToInt(QueueOptions::queue).distinct().count() < queues.size()) {
      throw new IllegalArgumentException("a queue number was given twice in " + queues);
    }
    this.queues = List.copyOf(queues);
    this.deciders = deciders;
  }

  /**
   * Serves queues of fragments, too; call it before {@link #start}. Their workers are numbered
   * after the others.
   *
   * @throws IllegalArgumentException if a queue is served already
   */
  public synchronized void serveFragments(FragmentQueues queuesOfFragments) {
    for (QueueOptions queue : queuesOfFragments.queues()) {
      if (queues.stream().anyMatch(other -> other.queue() == queue.queue())) {
        throw new IllegalArgumentException(
            "queue " + queue.queue() + " cannot be a fragment queue, too: use another number");
      }
    }
    fragments = queuesOfFragments;
  }

  /**
   * Decides about made-up packets until the loop is compiled; call it before {@link #start}.
   *
   * @param decider of the same class as those that will serve; what it decides must not be counted
   *     as traffic
   * @param packets to decide about, from the IP header on; an empty list means one of each kind
   *     between documentation addresses
   * @param count how many decisions to make, such as {@link #WARM_UP_PACKETS}
   * @throws IOException when a library is missing
   */
  public void warmUp(BatchDecider decider, List<byte[]> packets, int count) throws IOException {
    List<byte[]> all = packets.isEmpty() ? WarmUpPackets.all() : packets;
    try (WarmUp warmUp = new WarmUp(NfqLibrary.load(), queues.getFirst(), decider, all)) {
      warmUp.run(count);
    }
  }

  @Override
  public String name() {
    return "nfqueue";
  }

  @Override
  public synchronized void start(Consumer<Throwable> onFailure) throws IOException {
    if (started || stopped) {
      throw new IllegalStateException("this datapath was started before: make a new one");
    }
    started = true;
    Mnl mnl = Mnl.load();
    NfqLibrary library = NfqLibrary.load();
    try {
      for (int i = 0; i < queues.size(); i++) {
        workers.add(QueueWorker.open(mnl, library, queues.get(i), deciders.apply(i)));
      }
      if (fragments != null) {
        openFragmentQueues(mnl, library);
      }
    } catch (NativeException | RuntimeException e) {
      stop();
      throw e;
    }
    workers.forEach(worker -> worker.start(onFailure));
  }

  private void openFragmentQueues(Mnl mnl, NfqLibrary library) throws NativeException {
    tun = TunDevice.open(fragments.tun());
    for (QueueOptions queue : fragments.queues()) {
      workers.add(QueueWorker.open(mnl, library, queue, fragments, tun, workers.size()));
    }
  }

  @Override
  public synchronized void stop() {
    if (!stopped) {
      stopped = true;
      workers.forEach(QueueWorker::stop);
      workers.forEach(QueueWorker::awaitEnd);
      if (tun != null) {
        tun.close();
      }
    }
  }

  /** What is in force on each queue that was bound; empty before the start. */
  public synchronized List<QueueSettings> queueSettings() {
    return workers.stream().map(QueueWorker::settings).toList();
  }

  @Override
  public synchronized Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    workers.forEach(worker -> all.put(worker.name(), worker.settings().toString()));
    if (tun != null) {
      all.put("tun", tun.settings());
    }
    return all;
  }

  @Override
  public synchronized List<WorkerStatistics> statistics() {
    return workers.stream().map(QueueWorker::statistics).toList();
  }
}
