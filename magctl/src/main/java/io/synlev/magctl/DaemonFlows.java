package io.synlev.magctl;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.datapath.FlowTable;
import io.synlev.packet.FlowKey;
import io.synlev.state.Addresses;
import io.synlev.state.Instance;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The flows that tc, dpdk or conntrack carries, asked of the daemon one by one. One thread.
 *
 * <p>When the daemon ends meanwhile, no flow is known any more.
 */
final class DaemonFlows implements FlowTable, AutoCloseable {
  private final boolean isAskedAlways;

  /** Null when there is nobody to ask. */
  private ControlClient client;

  private DaemonFlows(ControlClient client, boolean isAskedAlways) {
    this.client = client;
    this.isAskedAlways = isAskedAlways;
  }

  /** Connects if a daemon is alive. */
  static DaemonFlows ofLive(Instance instance) {
    return instance.daemon().isAlive() ? of(instance, true) : new DaemonFlows(null, false);
  }

  /** Connects if the daemon said that flows are carried. */
  static DaemonFlows of(Instance instance, SteeringAssumptions assumptions) {
    if (assumptions.offload().equals("none")) {
      return new DaemonFlows(null, false);
    }
    return of(instance, assumptions.offload().equals("tc") || assumptions.offload().equals("dpdk"));
  }

  /**
   * Connects.
   *
   * @param isAskedAlways whether flows of packets in one piece are asked about, too
   */
  static DaemonFlows of(Instance instance, boolean isAskedAlways) {
    try {
      ControlClient client =
          ControlClient.connect(instance.directory(), ControlClient.DEFAULT_TIMEOUT);
      return new DaemonFlows(client, isAskedAlways);
    } catch (ControlException gone) {
      return new DaemonFlows(null, false);
    }
  }

  @Override
  public boolean isAskedAlways() {
    return isAskedAlways;
  }

  @Override
  public int find(FlowKey flow) {
    if (client == null) {
      return NONE;
    }
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("protocol", flow.protocol);
    request.put("source", Addresses.format(PacketText.source(flow)));
    request.put("sourcePort", flow.ports >>> 16);
    request.put("destination", Addresses.format(PacketText.destination(flow)));
    request.put("destinationPort", flow.ports & 0xffff);
    try {
      Map<?, ?> answer = (Map<?, ?>) client.call("flows.find", request);
      return ((Number) answer.get("fwmark")).intValue();
    } catch (ControlException gone) {
      close();
      return NONE;
    }
  }

  @Override
  public void add(FlowKey flow, int mark, int tcpFlags) {
    // Explaining makes no flow live.
  }

  @Override
  public void commit(long nowNanos) {
    // Nothing was added.
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
