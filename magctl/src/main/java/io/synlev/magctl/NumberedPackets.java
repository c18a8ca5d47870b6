package io.synlev.magctl;

import io.synlev.datapath.HeldPackets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds early fragments of a capture by their numbers, and lists what was released; the bytes stay
 * here. In a daemon these would come in again by a tun device.
 */
final class NumberedPackets implements HeldPackets {
  /** A packet that comes in again. */
  record Again(long number, byte[] bytes) {}

  private final Map<Integer, Again> held = new HashMap<>();
  private final int most;
  private List<Again> released = new ArrayList<>();
  private int lastHandle;
  private Again present;
  private boolean isReturned;

  /** Holds up to so many. */
  NumberedPackets(int most) {
    this.most = most;
  }

  /** Says which packet is being decided. */
  void present(long number, byte[] bytes, boolean returned) {
    present = new Again(number, bytes);
    isReturned = returned;
  }

  /** What was released since this was asked last. */
  List<Again> released() {
    List<Again> all = released;
    released = new ArrayList<>();
    return all;
  }

  @Override
  public int hold(long address, int length) {
    if (held.size() >= most) {
      return NONE;
    }
    held.put(++lastHandle, present);
    return lastHandle;
  }

  @Override
  public boolean release(int handle) {
    released.add(held.remove(handle));
    return true;
  }

  @Override
  public void discard(int handle) {
    held.remove(handle);
  }

  @Override
  public boolean isReturned(int index) {
    return isReturned;
  }
}
