package io.synlev.fastpath;

import io.synlev.datapath.OwnFlows;
import io.synlev.packet.FlowKey;
import java.util.List;

/**
 * All workers' connection tables. A NIC brings fragments and ICMP errors to whatever worker their
 * addresses name, so the flow that they belong to may be known to another one. Immutable; each
 * worker may look on its own thread.
 */
final class SharedTables {

  private final ConnectionTable[] tables;

  SharedTables(List<ConnectionTable> tables) {
    this.tables = tables.toArray(ConnectionTable[]::new);
  }

  /** How many live flows of a backend all tables have. */
  int liveFlows(int identity) {
    int sum = 0;
    for (ConnectionTable table : tables) {
      sum += table.ownFlows(identity);
    }
    return sum;
  }

  /**
   * Finds a live flow in others' tables.
   *
   * @param asker whose own table was looked into
   * @return the backend's number, or {@link OwnFlows#UNKNOWN}
   */
  long find(ConnectionTable asker, FlowKey flow, int hash) {
    for (ConnectionTable table : tables) {
      if (table != asker) {
        long number = table.look(flow, hash, asker.tick());
        if (number != OwnFlows.UNKNOWN) {
          return number;
        }
      }
    }
    return OwnFlows.UNKNOWN;
  }
}
