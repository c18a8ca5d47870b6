package io.synlev.lbd;

import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.Datapath;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.FlowTable;
import io.synlev.packet.FlowKey;
import io.synlev.state.Backend;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The datapath carries the flows itself, since all packets go through it. Its workers decide by
 * flows of their own, so {@link #of} knows none.
 */
final class DatapathLiveFlows implements LiveFlows {
  private final Datapath datapath;
  private final Instance instance;

  DatapathLiveFlows(Datapath datapath, Instance instance) {
    this.datapath = datapath;
    this.instance = instance;
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
    Map<Integer, Integer> marks = new HashMap<>();
    for (PoolFile file : instance.configuration().pools()) {
      for (PoolSnapshot.Member member : instance.snapshot(file.name()).members()) {
        Backend backend = member.backend();
        marks.put((int) Backend.identity(file.name(), backend.name()), backend.fwmark());
      }
    }
    return datapath.flowListing(identity -> marks.getOrDefault(identity, 0));
  }

  /** Backends come and go: which marks they have is looked up at each call. */
  @Override
  public CarriedFlows carried() {
    return new CarriedFlows() {
      @Override
      public String carrier() {
        return now().carrier();
      }

      @Override
      public long[] count(int... marks) throws IOException {
        return now().count(marks);
      }

      @Override
      public long end(int... marks) throws IOException {
        return now().end(marks);
      }
    };
  }

  private CarriedFlows now() {
    FlowListing listing = listing();
    return listing == null ? CarriedFlows.NONE : listing;
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
  public void close() {
    // The datapath's own.
  }
}
