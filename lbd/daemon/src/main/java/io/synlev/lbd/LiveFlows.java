package io.synlev.lbd;

import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.FlowTable;
import io.synlev.packet.FlowKey;
import io.synlev.state.Instance;
import io.synlev.steering.Views;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;

/** The flows that somebody else carries, and each worker's look at them. */
interface LiveFlows extends AutoCloseable {

  /** Nobody carries flows. */
  LiveFlows NONE =
      new LiveFlows() {
        @Override
        public Offload inForce() {
          return Offload.NONE;
        }

        @Override
        public FlowTable of(int worker) {
          return FlowTable.EMPTY;
        }

        @Override
        public void close() {
          // Nothing was opened.
        }
      };

  /**
   * Opens what was asked for, in the calling thread's network namespace.
   *
   * @throws IOException with the remedy, if what was asked for is not there
   */
  static LiveFlows open(OffloadSettings settings, int workers, Instance instance, Views views)
      throws IOException {
    return switch (settings.how()) {
      case NONE, DPDK -> NONE;
      case AUTO -> ConntrackLiveFlows.open(false, workers, instance, views);
      case CONNTRACK -> ConntrackLiveFlows.open(true, workers, instance, views);
      case TC -> TcLiveFlows.open(settings, workers, instance);
    };
  }

  /** Who carries flows, as it came out. */
  Offload inForce();

  /** A worker's own. */
  FlowTable of(int worker);

  /**
   * The backend of a live flow, for people; on the control thread.
   *
   * @return its fwmark, or {@link FlowTable#NONE}
   */
  default int find(FlowKey flow) {
    return FlowTable.NONE;
  }

  /** All of them, for people; null where they cannot be listed. */
  default FlowListing listing() {
    return null;
  }

  /** All that is carried, to count and to end. */
  default CarriedFlows carried() {
    FlowListing listing = listing();
    return listing == null ? CarriedFlows.NONE : listing;
  }

  /** What a worker has counted of making flows known, by label; any thread. */
  default Map<String, Long> statistics(int worker) {
    return Map.of();
  }

  /** Begins to carry flows, now that workers decide about new ones. */
  default void serve() throws IOException {}

  /**
   * Shows those that are live, for another carrier to take over.
   *
   * @param visitor given the same object again and again
   */
  default void forEachLive(Consumer<FlowRecord> visitor) throws IOException {
    FlowListing listing = listing();
    if (listing != null) {
      listing.forEach(
          flow -> {
            if (flow.isLive) {
              visitor.accept(flow);
            }
          });
    }
  }

  /**
   * Takes flows that another carrier has, before {@link #serve}: those that are live follow their
   * backends from then on.
   *
   * @return how many were taken; 0 where none can be
   */
  default long adopt(LiveFlows others) throws IOException {
    return 0;
  }

  /** Carries flows no more, since another datapath does; {@link #serve} undoes it. */
  default void withdraw() throws IOException {}

  /** Looks whether backends or services have changed. */
  default void refresh() {}

  /** When no worker looks any more. */
  @Override
  void close();
}
