package io.synlev.lbd;

import io.synlev.control.ControlServer;
import io.synlev.control.Dispatcher;
import io.synlev.datapath.Datapath;
import io.synlev.netfilter.NfqueueDatapath;
import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An instance being served. Everything that takes long is done before a queue is bound; {@link
 * #stop} undoes it in reverse, so that no packet waits for somebody who has gone.
 */
final class Daemon {
  private static final Logger LOG = System.getLogger(Daemon.class.getName());

  /** For clients that found our control socket just before another took its place. */
  private static final Duration RETIREMENT = Duration.ofSeconds(1);

  private final DaemonSettings settings;
  private final Instance instance;
  private final DatapathInForce inForce;
  private final BesideWorkers beside;
  private final DatapathMethods datapathMethods;

  /** Who serves the instance at our start, if we are to take over from it; otherwise null. */
  private final FormerDaemon former;

  private Dispatcher methods;
  private Consumer<Throwable> onFailure;
  private ControlServer control;
  private HandOver handOver;
  private volatile TakeOverReport takeOver;
  private boolean isClaimed;
  private long boundMillis;

  private Daemon(DaemonSettings settings, Instance instance, FormerDaemon former) {
    this.settings = settings;
    this.instance = instance;
    this.former = former;
    this.inForce = new DatapathInForce(settings, instance);
    this.beside = new BesideWorkers(inForce);
    this.datapathMethods = new DatapathMethods(this);
  }

  /**
   * Claims the instance and warms up: all of a start but serving.
   *
   * @param isTakeOver whether an instance that another daemon serves is taken over, which {@link
   *     #serve} does; then it is not claimed yet
   * @throws IOException if a library is missing
   * @throws io.synlev.state.StateException if there is no such instance, or another daemon serves
   *     it
   */
  static Daemon prepare(DaemonSettings settings, boolean isTakeOver) throws IOException {
    Instance instance = Instance.open(settings.directory());
    FormerDaemon former = isTakeOver ? FormerDaemon.of(instance) : null;
    try {
      // Before the claim: a wrong option must not look like a daemon to others.
      settings.steering().checkMarks(instance.settings().markMask());
      Policies.requireServable(instance, settings.datapath());
      if (former == null) {
        instance.claim(settings.record(settings.datapath() == null));
      } else if (settings.datapath() != null) {
        throw former.cannotBeFollowedBy(settings.datapath().name());
      }
    } catch (IOException | RuntimeException e) {
      instance.close();
      throw e;
    }
    return warm(settings, instance, former);
  }

  private static Daemon warm(DaemonSettings settings, Instance instance, FormerDaemon former)
      throws IOException {
    try {
      Daemon daemon = new Daemon(settings, instance, former);
      daemon.isClaimed = former == null;
      daemon.serving().warmUp();
      return daemon;
    } catch (IOException | RuntimeException e) {
      if (former == null) {
        instance.unclaim();
      }
      instance.close();
      throw e;
    }
  }

  /**
   * Binds the queues, or takes them over, and serves. After a failure everything is undone.
   *
   * @param methods what the control socket answers
   * @param onFailure told, on another thread, when a worker has failed
   * @throws IOException if a queue cannot be bound, or the daemon that has it does not give it
   * @throws io.synlev.control.ControlException if the control socket cannot be made
   */
  void serve(Dispatcher methods, Consumer<Throwable> onFailure) throws IOException {
    this.methods = methods;
    this.onFailure = onFailure;
    if (former == null || !new Succession(this, former).takesOver(onFailure)) {
      serveAnew(onFailure);
    }
  }

  /** Remembers how the queues came from another daemon. */
  void tookOver(TakeOverReport report) {
    takeOver = report;
    LOG.log(Level.INFO, report.toString());
  }

  private void serveAnew(Consumer<Throwable> onFailure) throws IOException {
    try {
      if (queues() != null) {
        Capabilities.requireNetAdmin();
      }
      openFlows();
      serving().start(onFailure);
      flows().serve();
      hasBound();
      beside.start();
      // Last: loading jnr-ffi takes 60 ms, and packets should not wait for it.
      control = ControlServer.start(settings.directory().controlSocket(), methods);
    } catch (IOException | RuntimeException e) {
      stop();
      throw e;
    }
  }

  /** Looks for the flows that others carry, for a datapath that starts next. */
  void openFlows() throws IOException {
    inForce.openFlows();
    beside.follow();
  }

  /** Says what came of it. */
  void hasBound() {
    boundMillis = ProcessAge.millis();
    serving().begins();
  }

  /** Binds a control socket that nobody finds yet. */
  ControlServer standBy() {
    control = ControlServer.standBy(settings.directory().controlSocket(), methods);
    return control;
  }

  /**
   * Claims the instance, unless the claim was passed on to us.
   *
   * @throws io.synlev.state.StateException if another daemon serves it
   */
  void claim() {
    DaemonRecord ours = serving().record();
    if (!instance.daemon().equals(ours)) {
      instance.claim(ours);
    }
    isClaimed = true;
  }

  /**
   * Lets the queues go, removes the socket, and leaves the instance to the next daemon; or leaves
   * all that to the one that has taken over. Not on the threads of workers or of the control
   * socket.
   */
  void stop() {
    if (handOver != null) {
      handOver.settle();
    }
    datapathMethods.settle();
    serving().datapath().stop();
    if (control != null && isHandedOver()) {
      control.retire(RETIREMENT);
    } else if (control != null) {
      control.close();
    }
    beside.watcher().close();
    beside.stop();
    flows().close();
    if (isClaimed && !isHandedOver()) {
      instance.unclaim();
    }
    // The instance is not closed: its mappings end with the process, which is about to.
  }

  /** As {@link #stop}, but leaves the queues to the daemon that has them, too. */
  void abandon() {
    queues().abandon();
    stop();
  }

  /**
   * What hands our queues to another daemon.
   *
   * @param end asks for our end and returns at once
   */
  HandOver handOver(Runnable end) {
    handOver = new HandOver(this, end);
    return handOver;
  }

  /** Whether another daemon has taken over. */
  boolean isHandedOver() {
    return handOver != null && handOver.isDone();
  }

  /** Whether another daemon is about to. */
  boolean isHandingOver() {
    return handOver != null && handOver.isRunning();
  }

  /** Told when a worker has failed. */
  Consumer<Throwable> onFailure() {
    return onFailure;
  }

  /** What switches the datapath. */
  DatapathMethods datapathMethods() {
    return datapathMethods;
  }

  /** How we have taken over, if we have. */
  Optional<TakeOverReport> takeOver() {
    return Optional.ofNullable(takeOver);
  }

  /** What the control socket answers. */
  Dispatcher methods() {
    return methods;
  }

  /** The datapath over queues; null with another one. */
  NfqueueDatapath queues() {
    return serving().queues();
  }

  /** When the queues were bound, in milliseconds after the start of the process. */
  long boundMillis() {
    return boundMillis;
  }

  DaemonSettings settings() {
    return settings;
  }

  Instance instance() {
    return instance;
  }

  /** What carries the packets. */
  ServingDatapath serving() {
    return inForce.serving();
  }

  /** Which datapath that is, and what all share. */
  DatapathInForce inForce() {
    return inForce;
  }

  Datapath datapath() {
    return serving().datapath();
  }

  LiveFlows flows() {
    return inForce.flows();
  }

  /** What is done beside deciding about packets. */
  BesideWorkers beside() {
    return beside;
  }
}
