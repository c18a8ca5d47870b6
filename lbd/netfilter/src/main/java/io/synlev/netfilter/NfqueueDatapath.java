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
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * The datapath over NFQUEUE: one thread for each of several queues. Which packet goes to which
 * queue is the rules' business.
 *
 * <p>Bound queues can go from one process to another without being let go: the former {@linkplain
 * #share shares} its sockets, the next one {@linkplain #inherit inherits} and {@linkplain #open
 * opens} them, the former {@linkplain #pause pauses}, the next one starts, and the former
 * {@linkplain #abandon abandons} them or, if the next one did not start, {@linkplain #resume
 * resumes}.
 *
 * <p>Needs CAP_NET_ADMIN for its whole life: the kernel checks it for every verdict.
 */
public final class NfqueueDatapath implements Datapath {

  /**
   * Enough for the warm-up: about 30 ms with an AOT cache; more brought the first packets no lower.
   */
  public static final int WARM_UP_PACKETS = 2000;

  /** What the interface has received is on its way to a queue for that long. */
  private static final int EMPTY_LOOKS = 4;

  private static final long LOOK_NANOS = 500_000;

  private final List<QueueOptions> queues;
  private final IntFunction<BatchDecider> deciders;
  private final List<QueueWorker> workers = new ArrayList<>();
  private BoundSockets inherited = BoundSockets.NONE;
  private FragmentQueues fragments;
  private TunDevice tun;
  private Consumer<Throwable> onFailure;
  private boolean opened;
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

  /**
   * Takes over what another process has bound; call it before {@link #open}. Queues that are not
   * served here are closed at once: they are let go when the other process closes them, too.
   */
  public synchronized void inherit(BoundSockets sockets) {
    inherited = sockets;
  }

  /**
   * Binds the queues that were not inherited, and prepares all for {@link #start}, which then takes
   * no time. Of an inherited one nothing is read yet, and nothing changes. After a failure nothing
   * is left open.
   *
   * @throws IOException with the value that was wrong and the remedy
   * @throws IllegalStateException when it was opened before
   */
  public synchronized void open() throws IOException {
    if (opened || stopped) {
      throw new IllegalStateException("this datapath was started before: make a new one");
    }
    opened = true;
    try {
      Mnl mnl = Mnl.load();
      NfqLibrary library = NfqLibrary.load();
      for (int i = 0; i < queues.size(); i++) {
        QueueOptions queue = queues.get(i);
        BatchDecider decider = deciders.apply(i);
        workers.add(QueueWorker.open(mnl, library, queue, take(queue), decider));
      }
      if (fragments != null) {
        openFragmentQueues(mnl, library);
      }
    } catch (IOException | RuntimeException e) {
      abandon();
      throw e;
    } finally {
      closeInherited();
    }
  }

  private void closeInherited() {
    inherited.close();
    inherited = BoundSockets.NONE;
  }

  /** What was inherited of a queue, and is not among the inherited any more; or null. */
  private BoundSockets.Queue take(QueueOptions queue) {
    BoundSockets.Queue found = inherited.queue(queue.queue()).orElse(null);
    inherited = inherited.without(found);
    return found;
  }

  private void openFragmentQueues(Mnl mnl, NfqLibrary library) throws NativeException {
    BoundSockets.Tun known = inherited.tun();
    if (known != null && known.name().equals(fragments.tun())) {
      inherited = inherited.withoutTun();
      tun = TunDevice.adopt(known.name(), known.descriptor());
    } else {
      tun = TunDevice.open(fragments.tun());
    }
    for (QueueOptions queue : fragments.queues()) {
      workers.add(
          QueueWorker.open(mnl, library, queue, take(queue), fragments, tun, workers.size()));
    }
  }

  @Override
  public void start(Consumer<Throwable> failureListener) throws IOException {
    standBy(failureListener);
    begin(false);
  }

  /**
   * Makes the threads that serve from {@link #begin} on; {@linkplain #open opens} if that was not
   * done before.
   *
   * @param failureListener as for {@link #start}
   */
  public synchronized void standBy(Consumer<Throwable> failureListener) throws IOException {
    if (!opened || stopped) {
      open();
    }
    onFailure = failureListener;
    for (QueueWorker worker : workers) {
      worker.standBy(failureListener);
    }
  }

  /**
   * Begins to serve, after {@link #standBy}; then inherited queues get their settings.
   *
   * @param sweep whether another reader of the sockets may have gone with packets that have no
   *     verdict: they are dropped
   * @throws IOException if the kernel refuses the settings; the queues are being served
   */
  public synchronized void begin(boolean sweep) throws IOException {
    for (QueueWorker worker : workers) { // no lambda: linking one takes longer than all of this
      worker.begin(sweep);
    }
    for (QueueWorker worker : workers) {
      worker.settle();
    }
  }

  @Override
  public synchronized void stop() {
    if (!stopped) {
      stopped = true;
      workers.forEach(QueueWorker::stop);
      workers.forEach(QueueWorker::awaitEnd);
      closeTun();
    }
  }

  private void closeTun() {
    if (tun != null) {
      tun.close();
    }
  }

  /** What another process needs to go on. The descriptors stay ours, and open until the end. */
  public synchronized BoundSockets share() {
    return new BoundSockets(
        workers.stream().map(QueueWorker::shared).toList(), tun == null ? null : tun.shared());
  }

  /** Does for nothing what {@link #pause} does, so that it takes no time when it counts. */
  public synchronized void rehearsePause() {
    for (QueueWorker worker : workers) {
      worker.wake();
    }
  }

  /**
   * Reads nothing any more, with all queues bound and all packets that were received decided. Then
   * {@link #resume} or {@link #abandon} must follow.
   *
   * @param whenLast called on the last thread that reads, when it does no more: no other has to run
   *     before another process can go on
   */
  public synchronized void pause(Runnable whenLast) {
    AtomicInteger reading = new AtomicInteger(workers.size());
    Runnable whenLeft =
        () -> {
          if (reading.decrementAndGet() == 0) {
            whenLast.run();
          }
        };
    for (QueueWorker worker : workers) {
      worker.pause(whenLeft);
    }
    for (QueueWorker worker : workers) {
      worker.awaitPause();
    }
  }

  /**
   * By queue, when its reading was over after {@link #pause}, on {@link System#nanoTime}'s scale.
   */
  public synchronized Map<Integer, Long> ends() {
    Map<Integer, Long> ends = new LinkedHashMap<>();
    workers.forEach(worker -> ends.put(queueOf(worker), worker.endedNanos()));
    return ends;
  }

  /**
   * Goes on after {@link #pause}, with the settings that were in force before: another process may
   * have begun with its own.
   *
   * @param sweep whether another reader of the sockets may have gone with packets that have no
   *     verdict: they are dropped
   * @throws IOException if the kernel refuses the settings; the queues are being served
   */
  public synchronized void resume(boolean sweep) throws IOException {
    for (QueueWorker worker : workers) {
      worker.standBy(onFailure);
      worker.begin(sweep);
    }
    for (QueueWorker worker : workers) {
      worker.restore();
    }
  }

  /**
   * Waits until every packet that waits in a queue has its verdict, once no more are put there.
   *
   * @param mostNanos after which it waits no longer
   */
  public void awaitEmpty(long mostNanos) {
    Set<Integer> ours = ends().keySet();
    long deadline = System.nanoTime() + mostNanos;
    int empty = 0;
    while (empty < EMPTY_LOOKS && System.nanoTime() - deadline < 0) {
      try {
        boolean isWaiting =
            QueueStatus.readAll().stream()
                .anyMatch(status -> ours.contains(status.queue()) && status.waiting() > 0);
        empty = isWaiting ? 0 : empty + 1;
      } catch (IOException e) {
        return; // Nobody may look: the kernel drops what waits.
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** Closes everything without letting queues go that another process has, too. */
  public synchronized void abandon() {
    if (!stopped) {
      stopped = true;
      workers.forEach(worker -> worker.pause(() -> {}));
      workers.forEach(QueueWorker::awaitPause);
      workers.forEach(QueueWorker::abandon);
      closeInherited();
      closeTun();
    }
  }

  /**
   * The longest time that a queue was not read between a former reader's end and our beginning.
   *
   * @param ends by queue, as its {@link #ends} told them
   * @return nanoseconds; empty when none of the queues is ours
   */
  public synchronized OptionalLong gapNanos(Map<Integer, Long> ends) {
    return workers.stream()
        .filter(worker -> ends.containsKey(queueOf(worker)))
        .mapToLong(worker -> worker.begunNanos() - ends.get(queueOf(worker)))
        .max();
  }

  private static int queueOf(QueueWorker worker) {
    return worker.settings().options().queue();
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
