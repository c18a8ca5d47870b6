package io.synlev.fastpath;

import io.synlev.threads.Unexpected;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Says when translation runs out of ports or of room: looks once a second. */
final class NatWatch implements AutoCloseable {

  private static final Logger LOG = System.getLogger(DpdkDatapath.NAME);

  /** Seconds between two messages. */
  private static final int QUIET = 60;

  private final NatSessions sessions;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("dpdk-nat").daemon(true).unstarted(task));
  private final Unexpected unexpected = new Unexpected(LOG, "the look at translation");
  private NatSessions.Shortage known = NatSessions.Shortage.NONE;
  private int quiet;

  NatWatch(NatSessions sessions) {
    this.sessions = sessions;
  }

  void start() {
    thread.scheduleWithFixedDelay(this::lookOrTell, 1, 1, TimeUnit.SECONDS);
  }

  private void lookOrTell() {
    try {
      look();
    } catch (RuntimeException e) {
      unexpected.tell(e);
    }
  }

  private void look() {
    if (quiet > 0) {
      quiet--;
      return;
    }
    NatSessions.Shortage now = sessions.shortage();
    if (!now.equals(known)) {
      LOG.log(Level.WARNING, now.since(known).message());
      known = now;
      quiet = QUIET;
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
