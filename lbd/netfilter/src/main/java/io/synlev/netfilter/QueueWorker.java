package io.synlev.netfilter;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.WorkerStatistics;
import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One queue and the thread that serves it.
 *
 * <p>A life is {@link #open}, {@link #standBy}, {@link #begin}, {@link #stop}, {@link #awaitEnd}; a
 * worker that was opened must come to its end. The queue stays bound through {@link #pause}, {@link
 * #awaitPause}, after which it is started again or {@linkplain #abandon abandoned}: left to another
 * process that has the socket, too. Those are called by one thread at a time; the statistics by
 * any.
 */
final class QueueWorker {

  /** The kernel answers a configuration within the call that sends it. */
  private static final int ANSWER_TIMEOUT_MILLIS = 2000;

  private static final long ANSWER_TURN_NANOS = 100_000;

  /** After this long the reader is woken again: the first answer may have found no room. */
  private static final Duration WAKE_AGAIN = Duration.ofMillis(50);

  private static final Runnable NOTHING = () -> {};

  private final QueueOptions options;
  private final WorkerCounters counters = new WorkerCounters();
  private final Arena arena;
  private final QueueSocket socket;
  private final BatchLoop loop;

  /** Whether the queue was bound by another process, and has its settings. */
  private final boolean isInherited;

  private volatile QueueSettings settings;
  private volatile boolean stopping;
  private volatile Thread thread;
  private volatile CountDownLatch beginning = new CountDownLatch(1);
  private volatile boolean sweeping;
  private volatile Runnable onLeft = NOTHING;
  private volatile long begunNanos;
  private volatile long endedNanos;

  private QueueWorker(
      Arena arena,
      NfqLibrary library,
      QueueOptions options,
      QueueSocket socket,
      BoundSockets.Queue inherited,
      BatchDecider decider) {
    this.arena = arena;
    this.options = options;
    this.socket = socket;
    isInherited = inherited != null;
    // What waits in an inherited socket was copied by its former reader's settings.
    int longest =
        isInherited ? Math.max(options.copyRange(), inherited.copyRange()) : options.copyRange();
    QueueOptions roomy = options.withCopyRange(longest);
    loop = new BatchLoop(arena, library, socket.descriptor(), roomy, decider, counters);
  }

  /**
   * Opens a socket in the calling thread's network namespace and binds the queue; or goes on with
   * one that has bound it, whose settings change when reading starts.
   *
   * @param inherited the queue as another process has bound it, or null
   * @throws NativeException when the queue is held by another, or a right is missing; nothing stays
   *     open
   */
  static QueueWorker open(
      Mnl mnl,
      NfqLibrary library,
      QueueOptions options,
      BoundSockets.Queue inherited,
      BatchDecider decider)
      throws NativeException {
    QueueSocket socket = QueueSocket.open(mnl, library, options, inherited);
    return new QueueWorker(Arena.ofShared(), library, options, socket, inherited, decider)
        .configured();
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
      BoundSockets.Queue inherited,
      FragmentQueues fragments,
      TunDevice tun,
      int number)
      throws NativeException {
    QueueSocket socket = QueueSocket.open(mnl, library, options, inherited);
    Arena arena = Arena.ofShared();
    HeldCopies held =
        new HeldCopies(
            arena, tun, fragments.balancers(), fragments.heldPackets(), fragments.heldBytes());
    BatchDecider decider = fragments.deciders().decider(number, held);
    QueueWorker worker = new QueueWorker(arena, library, options, socket, inherited, decider);
    held.watch(worker.loop.inDevices());
    return worker.configured();
  }

  private QueueWorker configured() throws NativeException {
    try {
      if (!isInherited) {
        configure();
      }
      settings = readSettings();
      return this;
    } catch (NativeException e) {
      abandon();
      throw e;
    }
  }

  private void configure() throws NativeException {
    loop.awaitAnswer(QueueSocket.CONFIGURE);
    socket.sendConfiguration(true);
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
    checkAnswer();
  }

  private void checkAnswer() throws NativeException {
    if (loop.answer() != 0) {
      throw socket.refused(loop.answer());
    }
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

  /** Makes a platform thread that serves as soon as {@link #begin} is called. */
  void standBy(Consumer<Throwable> onFailure) {
    stopping = false;
    onLeft = NOTHING;
    CountDownLatch ours = new CountDownLatch(1);
    beginning = ours;
    thread = Thread.ofPlatform().name(name()).daemon(true).unstarted(() -> serve(onFailure, ours));
    thread.start();
  }

  /**
   * Lets the thread serve.
   *
   * @param sweep whether another reader of the socket may have gone with packets that have no
   *     verdict: they are dropped when the next ones come
   */
  void begin(boolean sweep) {
    sweeping = sweep;
    loop.awaitAnswer(QueueSocket.CONFIGURE);
    beginning.countDown();
  }

  /** Gives an inherited queue the settings that were asked for; its thread has begun. */
  void settle() throws NativeException {
    if (isInherited) {
      reconfigure();
    }
  }

  /**
   * Gives the queue its settings and its socket its buffer again, since another process that had
   * the socket may have changed both; its thread has begun.
   */
  void restore() throws NativeException {
    socket.sizeReceiveBuffer();
    reconfigure();
  }

  private void reconfigure() throws NativeException {
    socket.sendConfiguration(false);
    long deadline = System.nanoTime() + ANSWER_TIMEOUT_MILLIS * 1_000_000L;
    while (!loop.hasAnswer()) {
      if (System.nanoTime() - deadline >= 0) {
        throw new NativeException(
            "configuration of queue " + options.queue(), Errno.ETIMEDOUT.number());
      }
      LockSupport.parkNanos(ANSWER_TURN_NANOS);
    }
    checkAnswer();
    settings = readSettings();
  }

  private void serve(Consumer<Throwable> onFailure, CountDownLatch beginning) {
    try {
      awaitBeginning(beginning);
      begunNanos = System.nanoTime();
      boolean isSweeping = sweeping;
      long before = counters.get(QueueCounter.PACKETS);
      while (!stopping) {
        int result = loop.step();
        if (result < 0) {
          throw new NativeException("recvmmsg on queue " + options.queue(), -result);
        }
        if (isSweeping && counters.get(QueueCounter.PACKETS) != before) {
          socket.sendDropBefore(loop.firstId());
          isSweeping = false;
        }
      }
    } catch (NativeException | RuntimeException | Error e) {
      if (!stopping) {
        onFailure.accept(e);
      }
    } finally {
      endedNanos = System.nanoTime();
      onLeft.run();
    }
  }

  private static void awaitBeginning(CountDownLatch beginning) {
    while (beginning.getCount() > 0) {
      try {
        beginning.await();
      } catch (InterruptedException e) {
        // Nobody interrupts it.
      }
    }
  }

  /** Lets the queue go, which also wakes the thread; {@link #awaitEnd} must follow. */
  void stop() {
    stopping = true;
    beginning.countDown();
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
   * Makes the thread end after the batch that it is about; {@link #awaitPause} must follow. The
   * queue stays bound and its packets wait.
   *
   * @param whenLeft called on the thread when it reads no more
   */
  void pause(Runnable whenLeft) {
    onLeft = whenLeft;
    stopping = true;
    beginning.countDown();
    wake();
  }

  /** Wakes the thread for nothing; harmless at any time. */
  void wake() {
    try {
      socket.sendWake();
    } catch (NativeException e) {
      // The kernel is short of memory; awaitPause() tries again.
    }
  }

  /** Waits until nothing is read any more: every packet that was received has its verdict. */
  void awaitPause() {
    awaitThread(this::wake);
  }

  /**
   * Waits for the thread's end and closes the socket. The kernel has dropped the packets that had
   * no verdict yet.
   */
  void awaitEnd() {
    awaitThread(this::unbind);
    abandon();
  }

  private void awaitThread(Runnable again) {
    boolean interrupted = false;
    while (thread != null && thread.isAlive()) {
      try {
        if (!thread.join(WAKE_AGAIN)) {
          again.run();
        }
      } catch (InterruptedException e) {
        interrupted = true; // the thread ends within milliseconds, and must end before the close
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes everything of a worker that reads nothing; another process may have the socket. */
  void abandon() {
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

  /** What another process needs to go on with the queue. */
  BoundSockets.Queue shared() {
    return new BoundSockets.Queue(options.queue(), options.copyRange(), socket.descriptor());
  }

  /** When the latest thread began to read, on {@link System#nanoTime}'s scale. */
  long begunNanos() {
    return begunNanos;
  }

  /** When the latest thread had ended, after its last verdict, on the same scale. */
  long endedNanos() {
    return endedNanos;
  }

  /** The present counters. */
  WorkerStatistics statistics() {
    return QueueStatistics.of(name(), counters, settings, thread);
  }
}
