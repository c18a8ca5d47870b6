package io.synlev.fastpath;

import io.synlev.state.Prefix;
import io.synlev.threads.Unexpected;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Keeps what brings ports their packets as the services are: looks ten times a second. */
final class VipWatch implements AutoCloseable {

  private static final Logger LOG = System.getLogger(DpdkDatapath.NAME);
  private static final long LOOK_MILLIS = 100;

  private final List<? extends VipFollower> followers;
  private final Supplier<List<Prefix>> vips;
  private ScheduledExecutorService thread;
  private final Unexpected unexpected = new Unexpected(LOG, "bringing ports their packets");
  private String complaint = "";
  private boolean closed;

  VipWatch(List<? extends VipFollower> followers, Supplier<List<Prefix>> vips) {
    this.followers = followers;
    this.vips = vips;
  }

  /**
   * Takes what is in force, and starts looking. Does nothing without followers.
   *
   * @throws IOException if a port is not brought all of it; then none is brought anything
   */
  void start() throws IOException {
    if (followers.isEmpty()) {
      return;
    }
    try {
      look();
    } catch (IOException e) {
      letGo();
      throw e;
    }
    thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("dpdk-vips").daemon(true).unstarted(task));
    thread.scheduleWithFixedDelay(
        this::lookOrTell, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private synchronized void look() throws IOException {
    if (closed) {
      return;
    }
    for (VipFollower follower : followers) {
      follower.take(vips.get());
    }
  }

  private void lookOrTell() {
    try {
      look();
      complaint = "";
    } catch (IOException e) {
      if (!complaint.equals(e.getMessage())) {
        complaint = e.getMessage();
        LOG.log(Level.ERROR, "packets to services: " + complaint);
      }
    } catch (RuntimeException e) {
      unexpected.tell(e);
    }
  }

  /** Stops looking, and has ports brought nothing any more. */
  @Override
  public void close() {
    if (thread != null) {
      thread.shutdown();
    }
    synchronized (this) {
      if (!closed) {
        closed = true;
        letGo();
      }
    }
  }

  private void letGo() {
    for (VipFollower follower : followers) {
      try {
        follower.letGo();
      } catch (IOException e) {
        LOG.log(Level.WARNING, "packets to services: " + e.getMessage());
      }
    }
  }
}
