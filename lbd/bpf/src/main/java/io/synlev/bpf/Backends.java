package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The backends that flows can be given to: mark, next hops, and an epoch that makes flows of one
 * that is gone stale without a walk over them.
 *
 * <p>The map is pinned, so it also tells the next daemon what flows mean. Changes are serialized
 * inside; any thread may call. The workers' look-ups take no lock and allocate nothing.
 */
public final class Backends implements AutoCloseable {

  private final SharedMap shared;
  private final int capacity;
  private final int markMask;
  private final Map<Integer, Integer> indexByMark = new HashMap<>();
  private volatile MarkIndex index = MarkIndex.of(Map.of());
  private int nextFree;

  /**
   * Takes what is in the map.
   *
   * @param descriptor of the map of backends
   */
  Backends(int descriptor, TcOptions options) throws NativeException {
    capacity = options.backends();
    markMask = options.markMask();
    shared = new SharedMap(descriptor, (long) capacity * BackendLayout.BYTES);
    for (int i = 0; i < capacity; i++) {
      long head = BackendLayout.head(element(i));
      int mark = BackendLayout.mark(head);
      if (!BackendLayout.isThere(BackendLayout.epoch(head))) {
        continue;
      }
      if ((mark & ~markMask) != 0 || indexByMark.putIfAbsent(mark, i) != null) {
        BackendLayout.putHead(element(i), mark, BackendLayout.epoch(head) + 1);
      }
    }
    publish();
  }

  /**
   * Makes a backend known, so that flows can be given to it. Flows of the same backend stay; a mark
   * that named another backend gets a new epoch, and the other's flows are stale at once.
   *
   * @param mark its fwmark, within the instance's mask and not 0
   * @param identity what tells it from another backend that had the mark, also over restarts: such
   *     as a hash of pool and name
   * @throws IllegalArgumentException when the mark is not within the mask
   * @throws IllegalStateException when there is no room for another backend
   */
  public synchronized void set(int mark, long identity) {
    put(mark, identity);
    publish();
  }

  /**
   * Makes these the backends, as {@link #set} each of them, and forgets all others; at a cost that
   * grows with their number only.
   *
   * @param identities by mark
   */
  public synchronized void setAll(Map<Integer, Long> identities) {
    for (int mark : Set.copyOf(indexByMark.keySet())) {
      if (!identities.containsKey(mark)) {
        forget(mark);
      }
    }
    try {
      identities.forEach(this::put);
    } finally {
      publish();
    }
  }

  private void put(int mark, long identity) {
    if (mark == 0 || (mark & ~markMask) != 0) {
      throw new IllegalArgumentException(
          "mark 0x%x is not within the mask 0x%x".formatted(mark, markMask));
    }
    Integer known = indexByMark.get(mark);
    if (known != null) {
      if (BackendLayout.identity(element(known)) == identity) {
        return;
      }
      forget(mark);
    }
    int slot = freeSlot();
    long element = element(slot);
    BackendLayout.putIdentity(element, identity);
    BackendLayout.putHop4(element, 0, 0);
    BackendLayout.putHop6(element, 0, 0, 0);
    int epoch = BackendLayout.epoch(BackendLayout.head(element));
    BackendLayout.putHead(element, mark, epoch + 1);
    indexByMark.put(mark, slot);
  }

  /** Slots are taken in turn: one that was left stays unused for as long as possible. */
  private int freeSlot() {
    for (int i = 0; i < capacity; i++) {
      int slot = (nextFree + i) % capacity;
      if (!BackendLayout.isThere(BackendLayout.epoch(BackendLayout.head(element(slot))))) {
        nextFree = slot + 1;
        return slot;
      }
    }
    throw new IllegalStateException(
        "no room for more than " + capacity + " backends in the BPF map: raise its size");
  }

  /**
   * Tells where redirected IPv4 packets of a backend go; packets before and after find a whole next
   * hop.
   *
   * @param mark of a backend that was set; another is ignored
   * @param interfaceIndex the interface, or 0: nowhere known, the stack is to route by the mark
   * @param nextHop the neighbour's address, first byte highest
   */
  public synchronized void route4(int mark, int interfaceIndex, int nextHop) {
    Integer slot = indexByMark.get(mark);
    if (slot != null) {
      BackendLayout.putHop4(element(slot), interfaceIndex, nextHop);
    }
  }

  /**
   * As {@link #route4} for IPv6.
   *
   * @param high the first eight bytes of the neighbour's address
   * @param low the last eight bytes
   */
  public synchronized void route6(int mark, int interfaceIndex, long high, long low) {
    Integer slot = indexByMark.get(mark);
    if (slot != null) {
      BackendLayout.putHop6(element(slot), interfaceIndex, high, low);
    }
  }

  /** Forgets a backend: its flows are stale from now on. Does nothing for an unknown mark. */
  public synchronized void remove(int mark) {
    forget(mark);
    publish();
  }

  private void forget(int mark) {
    Integer slot = indexByMark.remove(mark);
    if (slot != null) {
      int epoch = BackendLayout.epoch(BackendLayout.head(element(slot)));
      BackendLayout.putHead(element(slot), mark, epoch + 1);
    }
  }

  /** Forgets every backend whose mark is not given. */
  public synchronized void retain(Set<Integer> marks) {
    for (int mark : Set.copyOf(indexByMark.keySet())) {
      if (!marks.contains(mark)) {
        forget(mark);
      }
    }
    publish();
  }

  /** The marks of all backends. */
  public synchronized Set<Integer> marks() {
    return Set.copyOf(indexByMark.keySet());
  }

  private void publish() {
    index = MarkIndex.of(indexByMark);
  }

  private long element(int slot) {
    return shared.address() + (long) slot * BackendLayout.BYTES;
  }

  /** Where a mark's backend is, or -1. Hot. */
  int slotOf(int mark) {
    return index.slot(mark);
  }

  /** The epoch of a mark's backend, odd; 0 when the slot has another by now. Hot. */
  int epochOf(int slot, int mark) {
    long head = BackendLayout.head(element(slot));
    int epoch = BackendLayout.epoch(head);
    return BackendLayout.mark(head) == mark && BackendLayout.isThere(epoch) ? epoch : 0;
  }

  /** The mark of the backend that a flow was given to, or 0 when that is gone. Hot. */
  int markOf(int slot, int epoch) {
    if (slot >= capacity) {
      return 0;
    }
    long head = BackendLayout.head(element(slot));
    boolean isSame = BackendLayout.epoch(head) == epoch && BackendLayout.isThere(epoch);
    return isSame ? BackendLayout.mark(head) : 0;
  }

  @Override
  public synchronized void close() {
    shared.close();
  }
}
