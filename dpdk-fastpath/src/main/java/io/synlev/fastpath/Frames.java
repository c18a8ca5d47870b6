package io.synlev.fastpath;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.dpdk.Mbuf;
import io.synlev.memory.Memory;
import java.util.Arrays;

/**
 * The IP packets of a burst, and what was decided about each. Reused; belongs to one worker.
 *
 * <p>Arrays by index below {@link #count}; a decider gets the addresses and lengths of the packets
 * behind their Ethernet headers. Hot: no allocation.
 */
final class Frames {

  final long[] mbufs = new long[BatchDecider.MAX_BATCH];
  final long[] addresses = new long[BatchDecider.MAX_BATCH];
  final int[] lengths = new int[BatchDecider.MAX_BATCH];
  final int[] headers = new int[BatchDecider.MAX_BATCH];

  /** Packets that were held before and released: the first ones, which come the second time. */
  int returned;

  /** Packets that do not come from the port, but from here or another worker: the first ones. */
  int here;

  /** Whether the packet was held: it is not the burst's any more. */
  private final boolean[] kept = new boolean[BatchDecider.MAX_BATCH];

  private boolean isAnyKept;

  final Decision[] decisions = new Decision[BatchDecider.MAX_BATCH];
  int count;

  Frames() {
    Arrays.setAll(decisions, _ -> new Decision());
  }

  /**
   * Takes the IP packets out of a burst.
   *
   * @param table of the mbufs' addresses, at most {@link BatchDecider#MAX_BATCH}
   * @param released how many of the first ones were released
   * @param handed how many of those behind were handed over by other workers
   * @param others gets the frames that carry no IP packet
   */
  void take(long table, int received, int released, int handed, MbufList others) {
    int taken = 0;
    for (int i = 0; i < received; i++) {
      long mbuf = Memory.getLong(table + 8L * i);
      long frame = Mbuf.data(mbuf);
      int length = Mbuf.dataLength(mbuf);
      int header = Ethernet.headerLength(frame, length);
      if (header == 0) {
        others.add(mbuf);
        continue;
      }
      mbufs[taken] = mbuf;
      addresses[taken] = frame + header;
      lengths[taken] = length - header;
      headers[taken] = header;
      taken++;
    }
    count = taken;
    returned = released; // each of them is an IP packet, and of those handed over, too
    here = released + handed;
    if (isAnyKept) {
      Arrays.fill(kept, false);
      isAnyKept = false;
    }
  }

  /**
   * Becomes a burst of one packet.
   *
   * @param isReturned whether it was held before and released
   */
  void takeOne(long mbuf, long address, boolean isReturned) {
    mbufs[0] = mbuf;
    addresses[0] = address;
    returned = isReturned ? 1 : 0;
    here = returned;
    count = 1;
    kept[0] = false;
  }

  /** Takes a packet out of the burst, which is held from now on. */
  void keep(int index) {
    kept[index] = true;
    isAnyKept = true;
  }

  /** Whether the packet is held. */
  boolean isKept(int index) {
    return isAnyKept && kept[index];
  }

  /** Puts a packet at an earlier index; before any is kept. */
  void move(int from, int to) {
    if (from != to) {
      mbufs[to] = mbufs[from];
      addresses[to] = addresses[from];
      lengths[to] = lengths[from];
      headers[to] = headers[from];
    }
  }

  /** The index of the packet at an address, or -1. */
  int indexOf(long address) {
    for (int i = 0; i < count; i++) {
      if (addresses[i] == address) {
        return i;
      }
    }
    return -1;
  }
}
