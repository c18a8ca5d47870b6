package io.synlev.netfilter;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.WorkerStatistics;
import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One queue and the thread that serves it.
 *
 * <p>A life is {@link #open}, {@link #start}, {@link #stop}, {@link #awaitEnd}; a worker that was
 * opened must come to its end. Those are called by one thread at a time; the statistics by any.
 */
final class QueueWorker {

  /** The kernel answers a configuration within the call that sends it. */
  private static final int ANSWER_TIMEOUT_MILLIS = 2000;

  /** After this long the request to let go is repeated: its answer may have found no room. */
  private static final Duration WAKE_AGAIN = Duration.ofMillis(50);

  private final QueueOptions options;
  private final WorkerCounters counters = new WorkerCounters();
  private final Arena arena;
  private final QueueSocket socket;
  private final BatchLoop loop;
  private volatile QueueSettings settings;
  private volatile boolean stopping;
  private volatile Thread thread;

  private QueueWorker(
      Arena arena,
      NfqLibrary library,
      QueueOptions options,
      QueueSocket socket,
      BatchDecider decider) {
    this.arena = arena;
    this.options = options;
    this.socket = socket;
    loop = new BatchLoop(arena, library, socket.descriptor(), options, decider, counters);
  }

  /**
   * Opens a socket in the calling thread's network namespace and binds the queue.
   *
   * @throws NativeException when the queue is held by another, or a right is missing; nothing stays
   *     open
   */
  static QueueWorker open(Mnl mnl, NfqLibrary library, QueueOptions options, BatchDecider decider)
      throws NativeException {
    QueueSocket socket = QueueSocket.open(mnl, library, options);
    return new QueueWorker(Arena.ofShared(), library, options, socket, decider).configured();
  }

  /**
   * The same for a queue of fragments.
   *
   * @param number the worker's among all workers
   */
  static QueueWorker open(
      Mnl mnl,
      NfqLibrary library,
      QueueOptions options,
      FragmentQueues fragments,
      TunDevice tun,
      int number)
      throws NativeException {
    QueueSocket socket = QueueSocket.open(mnl, library, options);
    Arena arena = Arena.ofShared();
    HeldCopies held =
        new HeldCopies(
            arena, tun, fragments.balancers(), fragments.heldPackets(), fragments.heldBytes());
    BatchDecider decider = fragments.deciders().decider(number, held);
    QueueWorker worker = new QueueWorker(arena, library, options, socket, decider);
    held.watch(worker.loop.inDevices());
    return worker.configured();
  }

  private QueueWorker configured() throws NativeException {
    try {
      configure();
      return this;
    } catch (NativeException e) {
      release();
      throw e;
    }
  }

  private void configure() throws NativeException {
    loop.awaitAnswer(QueueSocket.CONFIGURE);
    socket.sendConfiguration();
    String what = "configuration of queue " + options.queue();
    while (!loop.hasAnswer()) { // packets may arrive before the answer: they are served
      int ready = Sockets.pollIn(socket.descriptor(), ANSWER_TIMEOUT_MILLIS);
      if (ready == 0) {
        throw new NativeException(what, Errno.ETIMEDOUT.number());
      }
      if (ready > 0) {
        NativeException.check(loop.step(), what);
      } else if (!Errno.EINTR.is(ready)) {
        NativeException.check(ready, what);
      }
    }
    if (loop.answer() != 0) {
      throw socket.refused(loop.answer());
    }
    settings = readSettings();
  }

  private QueueSettings readSettings() throws NativeException {
    int copyRange;
    try {
      copyRange = QueueStatus.read(options.queue()).map(QueueStatus::copyRange).orElse(-1);
    } catch (IOException e) {
      copyRange = -1; // the table is root's; the queue works without
    }
    return new QueueSettings(options, socket.portId(), copyRange, socket.receiveBuffer());
  }

  /** Starts serving on a platform thread of its own. */
  void start(Consumer<Throwable> onFailure) {
    thread = Thread.ofPlatform().name(name()).daemon(true).unstarted(() -> serve(onFailure));
    thread.start();
  }

  private void serve(Consumer<Throwable> onFailure) {
    try {
      while (!stopping) {
        int result = loop.step();
        if (result < 0) {
          throw new NativeException("recvmmsg on queue " + options.queue(), -result);
        }
      }
    } catch (NativeException | RuntimeException | Error e) {
      if (!stopping) {
        onFailure.accept(e);
      }
    }
  }

  /** Lets the queue go, which also wakes the thread; {@link #awaitEnd} must follow. */
  void stop() {
    stopping = true;
    unbind();
  }

  private void unbind() {
    try {
      socket.sendUnbind(); // repeated, it fails with ENODEV, and that answer wakes as well
    } catch (NativeException e) {
      // The kernel is short of memory; awaitEnd() tries again.
    }
  }

  /**
   * Waits for the thread's end and closes the socket. The kernel has dropped the packets that had
   * no verdict yet.
   */
  void awaitEnd() {
    boolean interrupted = false;
    while (thread != null && thread.isAlive()) {
      try {
        if (!thread.join(WAKE_AGAIN)) {
          unbind();
        }
      } catch (InterruptedException e) {
        interrupted = true; // the thread ends within milliseconds, and must end before the close
      }
    }
    release();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void release() {
    socket.close();
    arena.close();
  }

  /** The worker's name in logs, metrics and thread dumps. */
  String name() {
    return "queue-" + options.queue();
  }

  /** What is in force. */
  QueueSettings settings() {
    return settings;
  }

  /** The present counters. */
  WorkerStatistics statistics() {
    Map<String, Long> values = new LinkedHashMap<>();
    for (QueueCounter counter : QueueCounter.values()) {
      values.put(counter.label(), counters.get(counter));
    }
    addKernelCounters(values);
    long allocated = allocatedBytes();
    if (allocated >= 0) {
      values.put("allocated-bytes", allocated);
    }
    return new WorkerStatistics(name(), values);
  }

  /** What only the kernel knows; absent when its table cannot be read. */
  private void addKernelCounters(Map<String, Long> values) {
    try {
      QueueStatus.read(options.queue())
          .filter(status -> status.portId() == settings.portId())
          .ifPresent(
              status -> {
                values.put("kernel-waiting", status.waiting());
                values.put("kernel-queue-dropped", status.queueDropped());
                values.put("kernel-user-dropped", status.userDropped());
              });
    } catch (IOException e) {
      // The table is root's; the other counters are still worth having.
    }
  }

  /** Bytes of heap the thread has allocated since it started, or -1 when it is not running. */
  private long allocatedBytes() {
    Thread worker = thread;
    return worker != null
            && ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean bean
        ? bean.getThreadAllocatedBytes(worker.threadId())
        : -1;
  }
}
