package io.synlev.lbd;

import io.synlev.datapath.FlowTable;
import io.synlev.ffi.NativeException;
import io.synlev.netfilter.ConntrackFlows;
import io.synlev.state.Instance;
import io.synlev.steering.LiveMarks;
import io.synlev.steering.Views;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/** Each worker's look at the flows that somebody else carries. */
final class LiveFlows {
  private static final Logger LOG = System.getLogger(LiveFlows.class.getName());

  private final List<ConntrackFlows> tables = new ArrayList<>();

  /**
   * Opens them in the calling thread's network namespace, and says once what came of it.
   *
   * @throws NativeException if conntrack was asked for and cannot be asked
   */
  void open(Offload offload, int workers, Instance instance, Views views) throws NativeException {
    if (offload == Offload.NONE) {
      return;
    }
    try {
      for (int worker = 0; worker < workers; worker++) {
        LiveMarks marks = new LiveMarks(instance, views, worker);
        tables.add(ConntrackFlows.open(instance.settings().markMask(), marks));
      }
      LOG.log(Level.INFO, "fragments and ICMP errors follow the flows that conntrack carries");
    } catch (NativeException e) {
      close();
      if (offload == Offload.CONNTRACK) {
        throw e;
      }
      LOG.log(Level.INFO, "fragments and ICMP errors go by the table alone: " + e.getMessage());
    }
  }

  /** Who carries flows, as it came out. */
  Offload inForce() {
    return tables.isEmpty() ? Offload.NONE : Offload.CONNTRACK;
  }

  /** A worker's own. */
  FlowTable of(int worker) {
    return tables.isEmpty() ? FlowTable.EMPTY : tables.get(worker);
  }

  /** When no worker looks any more. */
  void close() {
    tables.forEach(ConntrackFlows::close);
    tables.clear();
  }
}
