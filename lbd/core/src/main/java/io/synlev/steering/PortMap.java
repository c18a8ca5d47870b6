package io.synlev.steering;

import java.util.Arrays;

/**
 * Handles by port: ranges that follow one another and cover all ports. Immutable; any thread may
 * look up in logarithmic time, nothing is allocated.
 */
final class PortMap {

  private final int[] firstPorts;
  private final int[] handles;

  /**
   * @param firstPorts where each range begins, rising; the first is 0
   * @param handles one for each range
   */
  PortMap(int[] firstPorts, int[] handles) {
    this.firstPorts = firstPorts;
    this.handles = handles;
  }

  /** The handle of a port's range. */
  int find(int port) {
    int at = Arrays.binarySearch(firstPorts, port);
    return handles[at >= 0 ? at : -at - 2];
  }
}
