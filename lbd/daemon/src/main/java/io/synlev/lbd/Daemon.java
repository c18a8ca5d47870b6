package io.synlev.lbd;

import io.synlev.control.ControlServer;
import io.synlev.control.Dispatcher;
import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.Datapath;
import io.synlev.datapath.FlowTable;
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
import java.util.List;
import java.util.function.Consumer;

/**
 * An instance being served. Everything that takes long is done before a queue is bound; {@link
 * #stop} undoes it in reverse, so that no packet waits for somebody who has gone.
 */
final class Daemon {
  private static final Logger LOG = System.getLogger(Daemon.class.getName());

  private final DaemonSettings settings;
  private final Instance instance;
  private final Views views;
  private final Datapath datapath;

  /** The same if it is over queues, otherwise null. */
  private final NfqueueDatapath queues;

  private final ConfigurationWatcher watcher;
  private final BalancerLinks balancers;
  private LiveFlows flows = LiveFlows.NONE;
  private Drains drains;
  private final TraceSessions traces;
  private final Deciders deciders;
  private final HealthChecks health;
  private ControlServer control;
  private long boundMillis;

  private Daemon(DaemonSettings settings, Instance instance) {
    this.settings = settings;
    this.instance = instance;
    int workers = settings.workers();
    this.views = new Views(View.compile(instance, workers), workers);
    this.balancers = balancers(settings.fragments());
    this.traces = new TraceSessions(workers);
    this.deciders = new Deciders(instance, views, settings.steering(), traces);
    this.health = new HealthChecks(instance);
    this.watcher = new ConfigurationWatcher(instance, views, workers, this::lookAround);
    this.queues = settings.datapath() == null ? overQueues() : null;
    this.datapath =
        queues == null
            ? settings
                .datapath()
                .create(
                    (worker, held) ->
                        deciders.following(worker, FlowTable.EMPTY, FragmentOptions.DEFAULT, held))
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
   * @throws IOException if a library is missing
   * @throws io.synlev.state.StateException if there is no such instance, or another daemon serves
   *     it
   */
  static Daemon prepare(DaemonSettings settings) throws IOException {
    Instance instance = Instance.open(settings.directory());
    boolean isClaimed = false;
    try {
      // Before the claim: a wrong option must not look like a daemon to others.
      settings.steering().checkMarks(instance.settings().markMask());
      instance.claim(DaemonRecord.ofThisProcess(settings.firstQueue(), settings.lastQueue()));
      isClaimed = true;
      Daemon daemon = new Daemon(settings, instance);
      daemon.warmUp();
      return daemon;
    } catch (IOException | RuntimeException e) {
      if (isClaimed) {
        instance.unclaim();
      }
      instance.close();
      throw e;
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
   * Binds the queues and serves. After a failure everything is undone.
   *
   * @param methods what the control socket answers
   * @param onFailure told, on another thread, when a worker has failed
   * @throws IOException if a queue cannot be bound
   * @throws io.synlev.control.ControlException if the control socket cannot be made
   */
  void serve(Dispatcher methods, Consumer<Throwable> onFailure) throws IOException {
    try {
      if (queues != null) {
        Capabilities.requireNetAdmin();
        flows = LiveFlows.open(settings.offload(), settings.workers(), instance, views);
      }
      watcher.onSync(this::takeChanges);
      bind(onFailure);
      flows.serve();
      boundMillis = ProcessAge.millis();
      logDatapath();
      if (settings.fragments() != null) {
        LOG.log(Level.INFO, settings.fragments() + "; tun " + datapath.settings().get("tun"));
        logBalancers();
      }
      watcher.start();
      drains = new Drains(instance, carried());
      drains.start();
      // Last: loading jnr-ffi takes 60 ms, and packets should not wait for it.
      control = ControlServer.start(settings.directory().controlSocket(), methods);
    } catch (IOException | RuntimeException e) {
      stop();
      throw e;
    }
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
   * Lets the queues go, removes the socket, and leaves the instance to the next daemon. Not on the
   * threads of workers or of the control socket.
   */
  void stop() {
    datapath.stop();
    if (control != null) {
      control.close();
    }
    watcher.close();
    health.close();
    if (drains != null) {
      drains.close();
    }
    flows.close();
    instance.unclaim();
    // The instance is not closed: its mappings end with the process, which is about to.
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
    return queues == null ? datapath.carriedFlows() : flows.carried();
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
