package io.synlev.lbd;

import io.synlev.datapath.Datapath;
import io.synlev.netfilter.FragmentQueues;
import io.synlev.netfilter.NfqueueDatapath;
import io.synlev.netfilter.QueueSettings;
import io.synlev.state.DaemonRecord;
import io.synlev.steering.fragment.FragmentOptions;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/** Packets come by NFQUEUE; conntrack, a tc program or nobody carries flows past the workers. */
final class QueueServing extends ServingDatapath {
  private static final Logger LOG = System.getLogger(QueueServing.class.getName());

  private final DatapathInForce shared;
  private final NfqueueDatapath queues;
  private volatile LiveFlows flows = LiveFlows.NONE;

  QueueServing(DatapathInForce shared) {
    this.shared = shared;
    queues =
        new NfqueueDatapath(
            shared.settings().queues(),
            worker -> shared.deciders().plain(worker, flows.of(worker)));
    FragmentSettings fragments = shared.settings().fragments();
    if (fragments != null) {
      serveFragments(fragments);
    }
  }

  private void serveFragments(FragmentSettings fragments) {
    FragmentOptions options = fragments.options();
    queues.serveFragments(
        new FragmentQueues(
            fragments.queues(),
            fragments.tun(),
            options.heldFragments(),
            options.heldBytes(),
            shared.tier().links(),
            (worker, held) ->
                shared.deciders().following(worker, flows.of(worker), options, held)));
  }

  @Override
  DatapathSettings settings() {
    return null;
  }

  @Override
  Datapath datapath() {
    return queues;
  }

  @Override
  NfqueueDatapath queues() {
    return queues;
  }

  @Override
  void warmUp() throws IOException {
    queues.warmUp(
        shared.deciders().uncounted(),
        WarmUpTraffic.to(shared.instance().configuration().services()),
        NfqueueDatapath.WARM_UP_PACKETS);
  }

  @Override
  void openFlows() throws IOException {
    flows =
        LiveFlows.open(
            shared.settings().offload(),
            shared.settings().allQueues().size(),
            shared.instance(),
            shared.views());
  }

  @Override
  LiveFlows flows() {
    return flows;
  }

  @Override
  void start(Consumer<Throwable> onFailure) throws IOException {
    try {
      queues.start(onFailure);
    } catch (IOException e) {
      throw QueueConflict.explain(e, shared.settings().directory(), shared.settings().allQueues());
    }
  }

  @Override
  void log() {
    for (QueueSettings queue : queues.queueSettings()) {
      LOG.log(Level.INFO, queue.toString());
    }
    FragmentSettings fragments = shared.settings().fragments();
    if (fragments != null) {
      LOG.log(Level.INFO, fragments + "; tun " + queues.settings().get("tun"));
      shared.tier().log();
    }
  }

  @Override
  DaemonRecord record() {
    return shared.settings().record(true);
  }
}
