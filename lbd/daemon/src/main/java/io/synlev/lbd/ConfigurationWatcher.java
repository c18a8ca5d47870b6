package io.synlev.lbd;

import io.synlev.state.Configuration;
import io.synlev.state.Instance;
import io.synlev.state.StateException;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import io.synlev.threads.Threads;
import io.synlev.threads.Unexpected;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Brings new pools and services to the workers: at once when {@link #sync} is called, otherwise
 * within {@value #POLL_MILLIS} ms. (New tables and backend states need nobody: workers read those
 * in shared memory.)
 */
final class ConfigurationWatcher implements AutoCloseable {
  static final int POLL_MILLIS = 100;

  private static final Logger LOG = System.getLogger(ConfigurationWatcher.class.getName());

  private final Instance instance;
  private final Views views;
  private final DirectoryWatch directory;
  private final Runnable admission;
  private final Runnable beside;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Unexpected unexpected = new Unexpected(LOG, "the look at the configuration");
  private final Thread thread;
  private Runnable onSync = () -> {};
  private long failedGeneration = -1;
  private boolean isStarted;
  private boolean isPaused;

  /**
   * Watches for the workers of these views.
   *
   * @param admission throws a StateException for a configuration that must not be used
   * @param beside done at each look, too: what else is due now and then; it throws nothing
   */
  ConfigurationWatcher(Instance instance, Views views, Runnable admission, Runnable beside) {
    this.admission = admission;
    this.beside = beside;
    this.instance = instance;
    this.views = views;
    this.directory = new DirectoryWatch(instance.directory().path());
    this.thread = Thread.ofPlatform().name("watcher").daemon().unstarted(this::run);
  }

  /**
   * Has something else look at the instance whenever this does, after the workers, and also when
   * its configuration cannot be used. Before {@link #start}.
   *
   * @param action does nothing when nothing has changed; never two at a time
   */
  void onSync(Runnable action) {
    onSync = action;
  }

  /** Says that the first view is in use, and watches from now on. */
  synchronized void start() {
    isStarted = true;
    instance.publishSeen(views.current().generation());
    thread.start();
  }

  /** From now on nothing new is put to use, and nobody is told what was, until {@link #resume}. */
  synchronized void pause() {
    isPaused = true;
  }

  /** Goes on after {@link #pause}. */
  synchronized void resume() {
    isPaused = false;
  }

  /**
   * Puts the configuration in force to use, if it is new. When it returns, no worker looks at an
   * older one, and pools that are gone are unmapped. Any thread but the workers.
   *
   * @return the configuration's generation
   * @throws StateException if a pool cannot be attached; then the former configuration stays in use
   * @throws PausedException while another daemon is taking over
   */
  synchronized long sync() throws InterruptedException {
    if (isPaused) {
      throw new PausedException();
    }
    try {
      if (instance.configurationGeneration() != views.current().generation()) {
        use();
      }
    } finally {
      onSync.run(); // tables of pools in use change, whatever is refused
    }
    return views.current().generation();
  }

  private void use() throws InterruptedException {
    admission.run();
    View next = View.compile(instance, views.workers());
    views.swap(next);
    release(next.generation());
    if (isStarted) {
      instance.publishSeen(next.generation());
    }
    failedGeneration = -1;
    LOG.log(Level.INFO, "configuration " + next.generation() + " is in use");
  }

  /**
   * Makes room for more workers, before they begin.
   *
   * @param workers how many there are to be at least
   * @throws IllegalArgumentException if they are too many
   */
  synchronized void widen(int workers) throws InterruptedException {
    if (workers > views.workers()) {
      View next = View.compile(instance, workers);
      views.widen(next);
      release(next.generation());
    }
  }

  /** Other threads than the workers look at pools through {@link Instance#look} only. */
  private void release(long reached) {
    Configuration configuration = instance.configuration();
    // If another is in force already, the next look is 100 ms away and releases for both.
    if (configuration.generation() == reached) {
      instance.releaseDeleted(configuration);
    }
  }

  /** Whether the instance that we serve can still be found in the file system. */
  DirectoryWatch.State directoryState() {
    return directory.look();
  }

  private void run() {
    try {
      while (!closing.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        tickOrTell();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tickOrTell() throws InterruptedException {
    try {
      tick();
    } catch (RuntimeException e) {
      unexpected.tell(e);
    }
  }

  private void tick() throws InterruptedException {
    directory.look();
    beside.run();
    try {
      sync();
    } catch (PausedException e) {
      // Another daemon will do it, or we shall when it does not come.
    } catch (StateException e) {
      // Once for each generation: the next look is 100 ms away.
      long generation = instance.configurationGeneration();
      if (generation != failedGeneration) {
        failedGeneration = generation;
        LOG.log(
            Level.ERROR,
            "configuration " + generation + " cannot be used, the former stays: " + e.getMessage());
      }
    }
  }

  /** Ends the watch; when it returns, nothing of the instance is used here any more. */
  @Override
  public void close() {
    closing.countDown();
    Threads.awaitEnd(thread);
  }
}
