package io.synlev.netfilter;

import io.synlev.datapath.HeldPackets;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Holds copies of packets in one ring of bytes, and releases them through a tun device, whence they
 * are queued again.
 *
 * <p>A queue could keep the packet itself by giving no verdict, but then it would be the queue's
 * length that a flood uses up. Packets let go from the middle leave the ring when those before them
 * have gone: discarding the oldest always makes room in the end. Hot: no allocation, no exception.
 * Belongs to one thread.
 */
final class HeldCopies implements HeldPackets {

  private final TunDevice tun;
  private final BalancerLinks balancers;
  private final MemorySegment ring;
  private final int[] offsets;
  private final int[] lengths;

  /** Whether the packet is still held. */
  private final boolean[] held;

  private int oldest;
  private int used;
  private int nextByte;
  private int[] inDevices = {};

  /**
   * Allocates everything there will ever be.
   *
   * @param arena owns the memory
   * @param balancers by which interfaces other balancers' packets come in
   * @param packets the most packets
   * @param bytes the most bytes of them, from the IP header on
   */
  HeldCopies(Arena arena, TunDevice tun, BalancerLinks balancers, int packets, int bytes) {
    this.tun = tun;
    this.balancers = balancers;
    ring = arena.allocate(bytes);
    offsets = new int[packets];
    lengths = new int[packets];
    held = new boolean[packets];
  }

  /** Tells where the interfaces stand that the packets of a batch came in by. */
  void watch(int[] inDevicesOfBatch) {
    inDevices = inDevicesOfBatch;
  }

  @Override
  public int hold(long address, int length) {
    if (used == held.length) {
      return NONE;
    }
    int offset = room(length);
    if (offset < 0) {
      return NONE;
    }
    int handle = oldest + used++;
    handle = handle < held.length ? handle : handle - held.length;
    copy(address, ring.address() + offset, length);
    nextByte = offset + length;
    offsets[handle] = offset;
    lengths[handle] = length;
    held[handle] = true;
    return handle;
  }

  /** By longs: a bulk copy would need segments, and those are objects until compiled. */
  private static void copy(long from, long to, int length) {
    int at = 0;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      Memory.putLong(to + at, Memory.getLong(from + at));
    }
    for (; at < length; at++) {
      Memory.putByte(to + at, Memory.getByte(from + at));
    }
  }

  /** Where so many bytes fit in one piece, or -1. */
  private int room(int length) {
    int capacity = (int) ring.byteSize();
    if (used == 0) {
      return length <= capacity ? 0 : -1;
    }
    int first = offsets[oldest];
    if (nextByte <= first) { // the packets go on at the start, and end before the oldest
      return first - nextByte >= length ? nextByte : -1;
    }
    if (capacity - nextByte >= length) {
      return nextByte;
    }
    return first >= length ? 0 : -1;
  }

  @Override
  public boolean release(int handle) {
    boolean sent = tun.write(ring.address() + offsets[handle], lengths[handle]);
    discard(handle);
    return sent;
  }

  @Override
  public void discard(int handle) {
    held[handle] = false;
    while (used > 0 && !held[oldest]) {
      oldest = oldest + 1 == held.length ? 0 : oldest + 1;
      used--;
    }
  }

  @Override
  public boolean isReturned(int index) {
    return inDevices[index] == tun.index();
  }

  @Override
  public boolean isFromBalancer(int index) {
    return balancers.has(inDevices[index]);
  }
}
