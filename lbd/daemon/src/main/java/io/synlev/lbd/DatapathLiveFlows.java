package io.synlev.lbd;

import io.synlev.datapath.Datapath;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.FlowTable;
import io.synlev.packet.FlowKey;
import io.synlev.state.Instance;
import java.io.IOException;

/**
 * The datapath carries the flows itself, since all packets go through it. Its workers decide by
 * flows of their own, so {@link #of} knows none.
 */
final class DatapathLiveFlows implements LiveFlows {
  private final Datapath datapath;
  private final Instance instance;
  private final RemovedBackends removed;

  DatapathLiveFlows(Datapath datapath, Instance instance) {
    this.datapath = datapath;
    this.instance = instance;
    this.removed = new RemovedBackends(instance);
  }

  @Override
  public Offload inForce() {
    return listing() == null ? Offload.NONE : Offload.DPDK;
  }

  @Override
  public FlowTable of(int worker) {
    return FlowTable.EMPTY;
  }

  @Override
  public FlowListing listing() {
    return datapath.flowListing(new IdentifiedMarks(instance));
  }

  @Override
  public int find(FlowKey flow) {
    int[] mark = new int[1];
    FlowListing listing = listing();
    if (listing != null) {
      try {
        listing.forEach(record -> take(record, flow, mark));
      } catch (IOException e) {
        return FlowTable.NONE;
      }
    }
    return mark[0];
  }

  private static void take(FlowRecord record, FlowKey flow, int[] mark) {
    if (record.isLive && record.flow.isSame(flow)) {
      mark[0] = record.mark;
    }
  }

  @Override
  public void refresh() {
    removed.look().forEach(datapath::forget);
  }

  @Override
  public void close() {
    // The datapath's own.
  }
}
