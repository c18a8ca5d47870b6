package io.synlev.steering;

import java.util.Arrays;

/**
 * Handles by port: ranges that follow one another and cover all ports.
 *
 * <p>Ports are cut into pages of equal size, so small that at most {@value #MOST} ranges begin in
 * each; a page knows the range of its first port, and the right one is at most that many further.
 * Immutable; any thread may look up in constant time, nothing is allocated.
 */
final class PortMap {

  private static final int PORT_BITS = 16;
  private static final int MOST = 4;

  /** Where each range begins, rising from 0; behind the last, one more than the highest port. */
  private final int[] firstPorts;

  private final int[] handles;
  private final int pageShift;
  private final char[] rangeOfPage;

  /**
   * @param firstPorts where each range begins, rising; the first is 0
   * @param handles one for each range
   */
  PortMap(int[] firstPorts, int[] handles) {
    this.firstPorts = Arrays.copyOf(firstPorts, firstPorts.length + 1);
    this.firstPorts[firstPorts.length] = 1 << PORT_BITS;
    this.handles = handles;
    this.pageShift = pageShift(firstPorts);
    this.rangeOfPage = new char[1 << PORT_BITS - pageShift];
    for (int page = 0, range = 0; page < rangeOfPage.length; page++) {
      while (this.firstPorts[range + 1] <= page << pageShift) {
        range++;
      }
      rangeOfPage[page] = (char) range;
    }
  }

  private static int pageShift(int[] firstPorts) {
    int shift = PORT_BITS;
    // Whatever the page size, ranges i and i + MOST begin in different pages.
    for (int i = MOST; i < firstPorts.length; i++) {
      while (firstPorts[i] >> shift == firstPorts[i - MOST] >> shift) {
        shift--;
      }
    }
    return shift;
  }

  /** The handle of a port's range. */
  int find(int port) {
    int range = rangeOfPage[port >> pageShift];
    while (firstPorts[range + 1] <= port) {
      range++;
    }
    return handles[range];
  }
}
