package io.synlev.lbd;

import io.synlev.control.ControlException;
import io.synlev.control.ControlServer;
import io.synlev.netfilter.NfqueueDatapath;
import io.synlev.state.StateException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/**
 * The steps by which a daemon that is warm becomes the one that serves, while another one does.
 *
 * <p>All that can fail or takes long comes before the other one stops reading; a failure there
 * leaves it serving. What comes after is done as far as it can be, and said: we serve.
 */
final class Succession {
  private static final Logger LOG = System.getLogger(Succession.class.getName());

  private final Daemon daemon;
  private final FormerDaemon former;

  Succession(Daemon daemon, FormerDaemon former) {
    this.daemon = daemon;
    this.former = former;
  }

  /**
   * Takes the queues over.
   *
   * @return false if the other one could not hand them over and was ended: the queues are to be
   *     bound again, for an instance that is claimed
   * @throws IOException if that failed, and the other one serves on
   */
  boolean takesOver(Consumer<Throwable> onFailure) throws IOException {
    try {
      Capabilities.requireNetAdmin();
      try (TakeOver takeOver = TakeOver.begin(former, daemon.serving().record())) {
        succeed(takeOver, onFailure);
        return true;
      }
    } catch (NoHandOverException e) {
      LOG.log(
          Level.WARNING,
          "lbd with pid "
              + former.pid()
              + " cannot hand over ("
              + e.getMessage()
              + "): it is ended, and its queues are bound again");
      replace();
      return false;
    } catch (IOException | RuntimeException e) {
      daemon.abandon();
      throw e;
    }
  }

  private void replace() throws IOException {
    former.end();
    daemon.claim();
    daemon.tookOver(report(TakeOverReport.How.BOUND_AGAIN, -1));
  }

  private TakeOverReport report(TakeOverReport.How how, long gapNanos) {
    return new TakeOverReport(
        former.pid(),
        how,
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        gapNanos < 0 ? -1 : Math.ceilDiv(gapNanos, 1000));
  }

  private void succeed(TakeOver takeOver, Consumer<Throwable> onFailure) throws IOException {
    NfqueueDatapath queues = daemon.queues();
    queues.inherit(takeOver.sockets());
    ControlServer control;
    try {
      control = daemon.standBy();
      takeOver.freeze();
      sync();
      daemon.openFlows();
      queues.standBy(onFailure);
      takeOver.rehearse();
      takeOver.stopFormer();
      queues.begin(takeOver.isFormerGone());
    } catch (IOException | RuntimeException e) {
      queues.abandon();
      takeOver.failed(String.valueOf(e.getMessage()));
      throw e;
    }
    long gapNanos = queues.gapNanos(takeOver.serving()).orElse(-1);
    daemon.tookOver(
        report(
            takeOver.isFormerGone()
                ? TakeOverReport.How.LEFT_BEHIND
                : TakeOverReport.How.HANDED_OVER,
            gapNanos));
    settle(takeOver, control);
  }

  private void sync() throws StartException {
    try {
      daemon.beside().watcher().sync();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted", e);
    }
  }

  /** We serve: nothing of this may end us. */
  private void settle(TakeOver takeOver, ControlServer control) {
    try {
      daemon.claim();
    } catch (StateException e) {
      LOG.log(Level.ERROR, "serving without a claim, a plain start is not refused: " + e);
    }
    daemon.beside().start();
    try {
      control.takePlace(daemon.settings().directory().controlSocket());
    } catch (ControlException e) {
      LOG.log(Level.ERROR, "serving without a control socket: " + e.getMessage());
    }
    takeOver.done();
    try {
      daemon.flows().serve();
    } catch (IOException e) {
      LOG.log(Level.ERROR, "established flows are carried as the former lbd left it: " + e);
    }
    daemon.hasBound();
  }
}
