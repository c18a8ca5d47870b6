package io.synlev.lbd;

import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.FlowTable;
import io.synlev.ffi.NativeException;
import io.synlev.netfilter.ConntrackEntries;
import io.synlev.netfilter.ConntrackFlows;
import io.synlev.packet.FlowKey;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.steering.LiveMarks;
import io.synlev.steering.Views;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Conntrack carries the flows. */
final class ConntrackLiveFlows implements LiveFlows {
  private static final Logger LOG = System.getLogger(ConntrackLiveFlows.class.getName());

  private final List<ConntrackFlows> tables = new ArrayList<>();

  /** For people; it looks for marks where people change them. */
  private ConntrackFlows asked;

  private ConntrackEntries entries;

  private final Instance instance;

  private ConntrackLiveFlows(Instance instance) {
    this.instance = instance;
  }

  /**
   * Opens each worker's own in the calling thread's network namespace, and says what came of it.
   *
   * @param isRequired whether conntrack was asked for by name
   * @return one that knows no flow when conntrack is not there and not required
   * @throws NativeException if it is required and cannot be asked
   */
  static LiveFlows open(boolean isRequired, int workers, Instance instance, Views views)
      throws NativeException {
    ConntrackLiveFlows flows = new ConntrackLiveFlows(instance);
    try {
      for (int worker = 0; worker < workers; worker++) {
        LiveMarks marks = new LiveMarks(instance, views, worker);
        flows.tables.add(ConntrackFlows.open(instance.settings().markMask(), marks));
      }
      flows.asked =
          ConntrackFlows.open(instance.settings().markMask(), mark -> isBackend(instance, mark));
      flows.entries = ConntrackEntries.open(instance.settings().markMask());
      LOG.log(Level.INFO, "fragments and ICMP errors follow the flows that conntrack carries");
      return flows;
    } catch (NativeException e) {
      flows.close();
      if (isRequired) {
        throw e;
      }
      LOG.log(Level.INFO, "fragments and ICMP errors go by the table alone: " + e.getMessage());
      return LiveFlows.NONE;
    }
  }

  private static boolean isBackend(Instance instance, int mark) {
    return instance.configuration().pools().stream()
        .flatMap(pool -> instance.snapshot(pool.name()).backends().stream())
        .anyMatch(backend -> backend.fwmark() == mark);
  }

  @Override
  public int find(FlowKey flow) {
    return asked.find(flow);
  }

  @Override
  public CarriedFlows carried() {
    return entries;
  }

  @Override
  public void forEachLive(Consumer<FlowRecord> visitor) throws IOException {
    int[] marks =
        instance.configuration().pools().stream()
            .flatMap(pool -> instance.snapshot(pool.name()).backends().stream())
            .mapToInt(Backend::fwmark)
            .distinct()
            .toArray();
    entries.forEach(marks, visitor);
  }

  @Override
  public Offload inForce() {
    return Offload.CONNTRACK;
  }

  @Override
  public FlowTable of(int worker) {
    return tables.get(worker);
  }

  @Override
  public void close() {
    tables.forEach(ConntrackFlows::close);
    tables.clear();
    if (asked != null) {
      asked.close();
    }
    if (entries != null) {
      entries.close();
    }
  }
}
