package io.synlev.lbd;

import io.synlev.control.ControlServer;
import io.synlev.control.Dispatcher;
import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.Datapath;
import io.synlev.health.HealthChecks;
import io.synlev.netfilter.BalancerLinks;
import io.synlev.netfilter.FragmentQueues;
import io.synlev.netfilter.NfqueueDatapath;
import io.synlev.netfilter.QueueSettings;
import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import io.synlev.steering.fragment.FragmentOptions;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
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
  private final Views views;
  private final Datapath datapath;

  /** The same if it is over queues, otherwise null. */
  private final NfqueueDatapath queues;

  private final ConfigurationWatcher watcher;
  private final BalancerLinks balancers;

  /** Who serves the instance at our start, if we are to take over from it; otherwise null. */
  private final FormerDaemon former;

  private volatile LiveFlows flows = LiveFlows.NONE;
  private volatile Drains drains;
  private final TraceSessions traces;
  private final Deciders deciders;
  private Dispatcher methods;
  private final HealthChecks health;
  private ControlServer control;
  private HandOver handOver;
  private volatile TakeOverReport takeOver;
  private boolean isClaimed;
  private boolean isBesideStopped;
  private long boundMillis;

  private Daemon(DaemonSettings settings, Instance instance, FormerDaemon former) {
    this.settings = settings;
    this.instance = instance;
    this.former = former;
    int workers = settings.workers();
    this.views = new Views(View.compile(instance, workers), workers);
    this.balancers = balancers(settings.fragments());
    this.traces = new TraceSessions(workers);
    this.deciders = new Deciders(instance, views, settings.steering(), traces);
    this.health = new HealthChecks(instance);
    this.watcher =
        new ConfigurationWatcher(
            instance, views, workers, () -> admit(settings, instance), this::lookAround);
    this.queues = settings.datapath() == null ? overQueues() : null;
    this.datapath =
        queues == null
            ? settings
                .datapath()
                .create(
                    (worker, held, own) ->
                        deciders.carrying(worker, own, FragmentOptions.DEFAULT, held))
            : queues;
    if (settings.fragments() != null) {
      serveFragments(settings.fragments());
    }
  }

  private NfqueueDatapath overQueues() {
    return new NfqueueDatapath(
        settings.queues(), worker -> deciders.plain(worker, flows.of(worker)));
  }

  private static BalancerLinks balancers(FragmentSettings fragments) {
    return fragments == null || fragments.tierInterfaces().isEmpty()
        ? BalancerLinks.NONE
        : new BalancerLinks(fragments.tierInterfaces());
  }

  /** What is due now and then. */
  private void lookAround() {
    traces.expire();
    if (balancers.look()) {
      logBalancers();
    }
  }

  private void logBalancers() {
    balancers
        .found()
        .forEach(
            (name, index) ->
                LOG.log(
                    index == 0 ? Level.WARNING : Level.INFO,
                    "tier interface {0}: {1}",
                    name,
                    index == 0 ? "not there, so nothing comes by it" : "index " + index));
  }

  private void serveFragments(FragmentSettings fragments) {
    FragmentOptions options = fragments.options();
    queues.serveFragments(
        new FragmentQueues(
            fragments.queues(),
            fragments.tun(),
            options.heldFragments(),
            options.heldBytes(),
            balancers,
            (worker, held) -> deciders.following(worker, flows.of(worker), options, held)));
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
      admit(settings, instance);
      if (former == null) {
        instance.claim(settings.record());
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
      daemon.warmUp();
      return daemon;
    } catch (IOException | RuntimeException e) {
      if (former == null) {
        instance.unclaim();
      }
      instance.close();
      throw e;
    }
  }

  /** Refuses pools that the datapath cannot serve. */
  private static void admit(DaemonSettings settings, Instance instance) {
    if (settings.datapath() == null) {
      Policies.requireWithoutTurns(instance);
    } else {
      Policies.requireNoObjection(instance, settings.datapath());
    }
  }

  private void warmUp() throws IOException {
    if (queues == null) {
      return;
    }
    queues.warmUp(
        deciders.uncounted(),
        WarmUpTraffic.to(instance.configuration().services()),
        NfqueueDatapath.WARM_UP_PACKETS);
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
      if (queues != null) {
        Capabilities.requireNetAdmin();
      }
      openFlows();
      bind(onFailure);
      flows.serve();
      hasBound();
      startBeside();
      // Last: loading jnr-ffi takes 60 ms, and packets should not wait for it.
      control = ControlServer.start(settings.directory().controlSocket(), methods);
    } catch (IOException | RuntimeException e) {
      stop();
      throw e;
    }
  }

  /** Looks for the flows that others carry, for a datapath that starts next. */
  void openFlows() throws IOException {
    if (queues != null) {
      flows = LiveFlows.open(settings.offload(), settings.workers(), instance, views);
    } else {
      flows = new DatapathLiveFlows(datapath, instance);
    }
    watcher.onSync(this::takeChanges);
  }

  /** Says what came of it. */
  void hasBound() {
    boundMillis = ProcessAge.millis();
    logDatapath();
    if (settings.fragments() != null) {
      LOG.log(Level.INFO, settings.fragments() + "; tun " + datapath.settings().get("tun"));
      logBalancers();
    }
  }

  /** Starts what only the daemon that serves does, beside deciding about packets. */
  void startBeside() {
    watcher.start();
    drains = new Drains(instance, carried());
    drains.start();
  }

  /** Ends that, but for the watcher, which must not look meanwhile; may be called again. */
  synchronized void stopBeside() {
    if (isBesideStopped) {
      return;
    }
    isBesideStopped = true;
    health.close();
    if (drains != null) {
      drains.close();
    }
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
    DaemonRecord ours = settings.record();
    if (!instance.daemon().equals(ours)) {
      instance.claim(ours);
    }
    isClaimed = true;
  }

  /** What looks at the instance beside the workers. */
  private void takeChanges() {
    flows.refresh();
    health.refresh();
  }

  private void logDatapath() {
    if (queues == null) {
      datapath.settings().forEach((name, value) -> LOG.log(Level.INFO, name + ": " + value));
      return;
    }
    for (QueueSettings queue : queues.queueSettings()) {
      LOG.log(Level.INFO, queue.toString());
    }
  }

  private void bind(Consumer<Throwable> onFailure) throws IOException {
    try {
      datapath.start(onFailure);
    } catch (IOException e) {
      if (queues == null) {
        throw e;
      }
      throw QueueConflict.explain(e, settings.directory(), settings.allQueues());
    }
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
    datapath.stop();
    if (control != null && isHandedOver()) {
      control.retire(RETIREMENT);
    } else if (control != null) {
      control.close();
    }
    watcher.close();
    stopBeside();
    flows.close();
    if (isClaimed && !isHandedOver()) {
      instance.unclaim();
    }
    // The instance is not closed: its mappings end with the process, which is about to.
  }

  /** As {@link #stop}, but leaves the queues to the daemon that has them, too. */
  void abandon() {
    queues.abandon();
    stop();
  }

  /**
   * What hands our queues to another daemon.
   *
   * @param end asks for our end and returns at once
   */
  HandOver handOver(Runnable end) {
    handOver = new HandOver(this, queues, end);
    return handOver;
  }

  /** Whether another daemon has taken over. */
  boolean isHandedOver() {
    return handOver != null && handOver.isDone();
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
    return queues;
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

  Views views() {
    return views;
  }

  Datapath datapath() {
    return datapath;
  }

  /** What is in force on each queue that is served; empty with another datapath. */
  List<QueueSettings> queueSettings() {
    return queues == null ? List.of() : queues.queueSettings();
  }

  BalancerLinks balancers() {
    return balancers;
  }

  LiveFlows flows() {
    return flows;
  }

  /** The flows that go past workers. */
  CarriedFlows carried() {
    return flows.carried();
  }

  Drains drains() {
    return drains;
  }

  TraceSessions traceSessions() {
    return traces;
  }

  HealthChecks health() {
    return health;
  }

  ConfigurationWatcher watcher() {
    return watcher;
  }
}
