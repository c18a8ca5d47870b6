package io.synlev.lbd;

import io.synlev.datapath.Datapath;
import io.synlev.netfilter.NfqueueDatapath;
import io.synlev.state.DaemonRecord;
import io.synlev.steering.fragment.FragmentOptions;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/**
 * All packets go through a datapath that a provider has made, which carries their flows itself. Its
 * workers are numbered after those of the queues, so that both may decide at the same time.
 */
final class ProvidedServing extends ServingDatapath {
  private static final Logger LOG = System.getLogger(ProvidedServing.class.getName());

  private final DatapathInForce shared;
  private final DatapathSettings settings;
  private final Datapath datapath;
  private volatile LiveFlows flows = LiveFlows.NONE;

  ProvidedServing(DatapathInForce shared, DatapathSettings settings) {
    this.shared = shared;
    this.settings = settings;
    int first = shared.settings().firstProvidedWorker();
    datapath =
        settings.create(
            (worker, held, own) ->
                shared.deciders().carrying(first + worker, own, FragmentOptions.DEFAULT, held));
  }

  @Override
  DatapathSettings settings() {
    return settings;
  }

  @Override
  Datapath datapath() {
    return datapath;
  }

  @Override
  NfqueueDatapath queues() {
    return null;
  }

  @Override
  void warmUp() {
    // Nothing: the first packets do that.
  }

  @Override
  void openFlows() {
    flows = new DatapathLiveFlows(datapath, shared.instance());
  }

  @Override
  LiveFlows flows() {
    return flows;
  }

  @Override
  void start(Consumer<Throwable> onFailure) throws IOException {
    datapath.start(onFailure);
  }

  @Override
  void log() {
    datapath.settings().forEach((name, value) -> LOG.log(Level.INFO, name + ": " + value));
  }

  @Override
  DaemonRecord record() {
    return shared.settings().record(false);
  }
}
