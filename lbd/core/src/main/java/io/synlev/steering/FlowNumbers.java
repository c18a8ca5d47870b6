package io.synlev.steering;

import io.synlev.packet.FlowKey;
import io.synlev.state.Backend;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.util.HashMap;
import java.util.Map;

/**
 * What a datapath that carries flows itself calls flows and backends by, for flows that are brought
 * to it from elsewhere. As the instance was when this was made; any thread may ask.
 */
public final class FlowNumbers {
  private final FlowHasher hasher;
  private final Map<Integer, Long> numbers = new HashMap<>();

  /** Looks at all pools, whatever their backends' states. */
  public FlowNumbers(Instance instance) {
    hasher = new FlowHasher(instance.settings().seed());
    for (PoolFile file : instance.configuration().pools()) {
      for (PoolSnapshot.Member member : instance.snapshot(file.name()).members()) {
        Backend backend = member.backend();
        int identity = (int) Backend.identity(file.name(), backend.name());
        numbers.put(backend.fwmark(), BackendNumbers.ofAnyPlace(identity, member.index()));
      }
    }
  }

  /** The hash of all of a flow, as {@link io.synlev.datapath.OwnFlows} is given it. */
  public int hash(FlowKey flow) {
    return hasher.hash(flow, flow.ports, flow.protocol, HashOn.TUPLE);
  }

  /** The number of the backend with a fwmark; {@link BackendNumbers#NONE} if it is gone. */
  public long number(int mark) {
    return numbers.getOrDefault(mark, BackendNumbers.NONE);
  }
}
