package io.synlev.fastpath;

import io.synlev.state.Prefix;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Keeps the XDP programs of all ports as the services are: looks ten times a second. */
final class XdpFilters implements AutoCloseable {

  private static final long LOOK_MILLIS = 100;

  private final List<XdpFilter> filters;
  private final Supplier<List<Prefix>> vips;
  private ScheduledExecutorService thread;
  private String complaint = "";
  private boolean closed;

  XdpFilters(List<XdpFilter> filters, Supplier<List<Prefix>> vips) {
    this.filters = filters;
    this.vips = vips;
  }

  /** Takes what is in force, and starts looking. Does nothing without filters. */
  void start() {
    if (filters.isEmpty()) {
      return;
    }
    look();
    thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("dpdk-xdp").daemon(true).unstarted(task));
    thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private synchronized void look() {
    if (closed) {
      return;
    }
    try {
      for (XdpFilter filter : filters) {
        filter.take(vips.get());
      }
      complaint = "";
    } catch (IOException e) {
      if (!complaint.equals(e.getMessage())) {
        complaint = e.getMessage();
        System.getLogger(DpdkDatapath.NAME).log(Level.ERROR, "XDP: " + complaint);
      }
    }
  }

  /** Stops looking, and lets the kernel have all packets; the programs go with their ports. */
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
    for (XdpFilter filter : filters) {
      try {
        filter.letGo();
      } catch (IOException e) {
        System.getLogger(DpdkDatapath.NAME).log(Level.WARNING, "XDP: " + e.getMessage());
      }
    }
  }
}
