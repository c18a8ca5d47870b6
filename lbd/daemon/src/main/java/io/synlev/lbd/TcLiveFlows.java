package io.synlev.lbd;

import io.synlev.bpf.BroughtFlows;
import io.synlev.bpf.TcFlowTable;
import io.synlev.bpf.TcMode;
import io.synlev.bpf.TcOffload;
import io.synlev.bpf.TcOptions;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowTable;
import io.synlev.netlink.RouteWatch;
import io.synlev.netlink.RouteWatch.Topic;
import io.synlev.packet.FlowKey;
import io.synlev.state.Instance;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tc program carries the flows. When we end it goes on with those it knows, until the next
 * daemon takes its maps over or {@code lbrules remove} takes it away.
 */
final class TcLiveFlows implements LiveFlows {
  private static final Logger LOG = System.getLogger(TcLiveFlows.class.getName());

  /** A mebibyte of kernel memory. */
  private static final int MOST_BACKENDS = 16_384;

  private final OffloadSettings settings;
  private final TcOffload offload;
  private final TcBackends backends;
  private final List<TcFlowTable> tables = new ArrayList<>();
  private final FlowTable asked;
  private RouteWatch watch;

  private TcLiveFlows(
      OffloadSettings settings, TcOffload offload, TcBackends backends, int workers) {
    this.settings = settings;
    this.offload = offload;
    this.backends = backends;
    this.asked = offload.flowTable();
    for (int worker = 0; worker < workers; worker++) {
      tables.add(offload.flowTable());
    }
  }

  static TcLiveFlows open(OffloadSettings settings, int workers, Instance instance)
      throws IOException {
    TcOptions options =
        TcOptions.of(instance.directory().instance(), instance.settings().markMask())
            .withRun(settings.run())
            .withMode(settings.mode())
            .withFlows(settings.flows(), Math.max(64, settings.flows() / 4))
            .withBackends(MOST_BACKENDS)
            .withInsertions(settings.insertions())
            .withTimeouts(settings.timeouts());
    TcOffload offload = TcOffload.open(options, text -> LOG.log(Level.WARNING, text));
    try {
      TcBackends backends = new TcBackends(instance, offload, settings.mode() == TcMode.REDIRECT);
      backends.refresh();
      return new TcLiveFlows(settings, offload, backends, workers);
    } catch (IOException | RuntimeException e) {
      offload.close();
      throw e;
    }
  }

  @Override
  public Offload inForce() {
    return Offload.TC;
  }

  @Override
  public FlowTable of(int worker) {
    return tables.get(worker);
  }

  @Override
  public int find(FlowKey flow) {
    return asked.find(flow);
  }

  @Override
  public Map<String, Long> statistics(int worker) {
    return tables.get(worker).statistics();
  }

  @Override
  public long adopt(LiveFlows others) throws IOException {
    offload.flows().flush(flow -> true); // what was left here is older
    try (BroughtFlows brought = offload.bring()) {
      others.forEachLive(brought::add);
      return brought.finish();
    }
  }

  @Override
  public void withdraw() throws IOException {
    offload.attachOnly(List.of());
  }

  @Override
  public void serve() throws IOException {
    if (settings.mode() == TcMode.REDIRECT && watch == null) {
      watch = RouteWatch.start(Set.of(Topic.ROUTES, Topic.RULES, Topic.LINKS), new Routes());
      backends.routesChanged();
    }
    offload.attachOnly(settings.interfaces());
    LOG.log(
        Level.INFO,
        "flows are carried by tc at %s, mode %s, room for %,d of each family"
            .formatted(
                String.join(", ", settings.interfaces()),
                OffloadTopic.word(settings.mode()),
                settings.flows()));
  }

  @Override
  public FlowListing listing() {
    return offload.flows();
  }

  @Override
  public void refresh() {
    backends.refresh();
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
    backends.close();
    try {
      offload.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the tc offload was not closed cleanly: " + e.getMessage());
    }
  }

  /** Redirection must follow routes. */
  private final class Routes implements RouteWatch.Listener {

    @Override
    public void changed(Set<Topic> topics) {
      backends.routesChanged();
    }

    @Override
    public void failed(Throwable cause) {
      LOG.log(Level.ERROR, "routes are not watched any more, restart lbd: " + cause, cause);
    }
  }
}
