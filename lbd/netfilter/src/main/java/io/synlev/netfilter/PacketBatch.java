package io.synlev.netfilter;

import io.synlev.datapath.Decision;

/**
 * The packets of a batch as the decider wants them, and what their verdicts need: parallel arrays.
 *
 * <p>Packets that cannot be decided but have an id wait in the same batch for their drop. Hot: no
 * allocation after the constructor.
 */
final class PacketBatch {

  final long[] addresses;
  final int[] lengths;
  final int[] ids;
  final int[] marks;
  final boolean[] cut;
  final int[] inDevices;
  final Decision[] decisions;
  final int[] dropIds;

  private final int capacity;
  private int packets;
  private int drops;

  /**
   * Allocates everything there will ever be.
   *
   * @param capacity the most packets and drops together
   */
  PacketBatch(int capacity) {
    this.capacity = capacity;
    addresses = new long[capacity];
    lengths = new int[capacity];
    ids = new int[capacity];
    marks = new int[capacity];
    cut = new boolean[capacity];
    inDevices = new int[capacity];
    dropIds = new int[capacity];
    decisions = new Decision[capacity];
    for (int i = 0; i < capacity; i++) {
      decisions[i] = new Decision();
    }
  }

  /** Forgets everything. */
  void clear() {
    packets = 0;
    drops = 0;
  }

  /** Appends a packet; there must be room. */
  void add(PacketMessage message) {
    int i = packets++;
    addresses[i] = message.payload();
    lengths[i] = message.payloadLength();
    ids[i] = message.id();
    marks[i] = message.mark();
    cut[i] = message.isCut();
    inDevices[i] = message.inDevice();
  }

  /** Appends a packet that can only be dropped; there must be room. */
  void addDrop(int id) {
    dropIds[drops++] = id;
  }

  /** How many packets wait for a decision. */
  int packets() {
    return packets;
  }

  /** How many packets wait for their drop. */
  int drops() {
    return drops;
  }

  /** Whether there is no room for another. */
  boolean isFull() {
    return packets + drops == capacity;
  }

  /** Whether nothing waits. */
  boolean isEmpty() {
    return packets + drops == 0;
  }
}
