package io.synlev.steering.fragment;

import io.synlev.datapath.HeldPackets;
import io.synlev.memory.Memory;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds packets on the heap, up to so many bytes; what is released can be taken again. */
public final class HeldInMemory implements HeldPackets {

  /** What was released, in that order. */
  public final List<byte[]> released = new ArrayList<>();

  /** What {@link #isReturned} answers for every index. */
  public boolean returned;

  /** What {@link #isFromBalancer} answers for every index. */
  public boolean fromBalancer;

  private final Map<Integer, byte[]> held = new HashMap<>();
  private final int room;
  private int used;
  private int next;

  public HeldInMemory(int room) {
    this.room = room;
  }

  @Override
  public int hold(long address, int length) {
    if (used + length > room) {
      return NONE;
    }
    used += length;
    held.put(next, Memory.slice(address, length).toArray(ValueLayout.JAVA_BYTE));
    return next++;
  }

  @Override
  public boolean release(int handle) {
    byte[] packet = held.remove(handle);
    used -= packet.length; // throws when it was not held: each is let go once
    released.add(packet);
    return true;
  }

  @Override
  public void discard(int handle) {
    used -= held.remove(handle).length;
  }

  @Override
  public boolean isReturned(int index) {
    return returned;
  }

  @Override
  public boolean isFromBalancer(int index) {
    return fromBalancer;
  }

  /** How many packets are held. */
  public int size() {
    return held.size();
  }

  /** How many bytes are held. */
  public int bytes() {
    return used;
  }
}
