package io.synlev.fastpath;

import io.synlev.state.Prefix;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Keeps what brings ports their packets as the services are: looks ten times a second. */
final class VipWatch implements AutoCloseable {

  private static final long LOOK_MILLIS = 100;

  private final List<? extends VipFollower> followers;
  private final Supplier<List<Prefix>> vips;
  private ScheduledExecutorService thread;
  private String complaint = "";
  private boolean closed;

  VipWatch(List<? extends VipFollower> followers, Supplier<List<Prefix>> vips) {
    this.followers = followers;
    this.vips = vips;
  }

  /** Takes what is in force, and starts looking. Does nothing without followers. */
  void start() {
    if (followers.isEmpty()) {
      return;
    }
    look();
    thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("dpdk-vips").daemon(true).unstarted(task));
    thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private synchronized void look() {
    if (closed) {
      return;
    }
    try {
      for (VipFollower follower : followers) {
        follower.take(vips.get());
      }
      complaint = "";
    } catch (IOException e) {
      if (!complaint.equals(e.getMessage())) {
        complaint = e.getMessage();
        System.getLogger(DpdkDatapath.NAME).log(Level.ERROR, "packets to services: " + complaint);
      }
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
        System.getLogger(DpdkDatapath.NAME)
            .log(Level.WARNING, "packets to services: " + e.getMessage());
      }
    }
  }
}
