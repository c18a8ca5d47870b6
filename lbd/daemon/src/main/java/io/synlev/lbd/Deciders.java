package io.synlev.lbd;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.HeldPackets;
import io.synlev.datapath.OwnFlows;
import io.synlev.state.Instance;
import io.synlev.steering.Steering;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.Views;
import io.synlev.steering.fragment.FragmentOptions;

/** Makes what decides for each worker; all that they decide can be traced. */
final class Deciders {
  private final Instance instance;
  private final Views views;
  private final SteeringOptions options;
  private final TraceSessions traces;

  Deciders(Instance instance, Views views, SteeringOptions options, TraceSessions traces) {
    this.instance = instance;
    this.views = views;
    this.options = options;
    this.traces = traces;
  }

  /** For a worker that treats fragments as the options say. */
  BatchDecider plain(int worker, FlowTable flows) {
    return traces.traced(new Steering(instance, views, worker, options, flows), worker);
  }

  /** For a worker that gets whole fragments, and makes later ones follow the first. */
  BatchDecider following(int worker, FlowTable flows, FragmentOptions fragments, HeldPackets held) {
    return traces.traced(
        new Steering(instance, views, worker, options, flows, fragments, held), worker);
  }

  /**
   * For a worker of a datapath that takes all packets.
   *
   * @param flows null if it remembers none
   */
  BatchDecider carrying(int worker, OwnFlows flows, FragmentOptions fragments, HeldPackets held) {
    return flows == null
        ? following(worker, FlowTable.EMPTY, fragments, held)
        : traces.traced(
            new Steering(instance, views, worker, options, flows, fragments, held), worker);
  }

  /**
   * For warming up: of the same classes as those that serve, but nothing that it decides is counted
   * or shown in traces, which may run when queues are to serve instead of another datapath.
   */
  BatchDecider uncounted() {
    TraceSessions none = new TraceSessions(views);
    return none.traced(Steering.uncounted(instance, views, 0, options), 0);
  }
}
