package io.synlev.bpf;

import java.util.Arrays;
import java.util.Map;

/** From marks to slots of the map of backends: an open-addressing table that never changes. */
final class MarkIndex {

  private final int[] marks;
  private final int[] slots;

  private MarkIndex(int capacity) {
    marks = new int[capacity];
    slots = new int[capacity];
    Arrays.fill(slots, -1);
  }

  /** A table of these marks, none 0. */
  static MarkIndex of(Map<Integer, Integer> slotByMark) {
    int capacity = Integer.highestOneBit(Math.max(4, slotByMark.size() * 2)) * 2;
    MarkIndex index = new MarkIndex(capacity);
    slotByMark.forEach(index::put);
    return index;
  }

  private void put(int mark, int slot) {
    int at = place(mark);
    marks[at] = mark;
    slots[at] = slot;
  }

  /** The mark's slot, or -1. Hot: neither allocates nor throws. */
  int slot(int mark) {
    return slots[place(mark)];
  }

  /** Where the mark is, or the first place on its way that is free; there always is one. */
  private int place(int mark) {
    int at = mark * 0x9e3779b1 >>> 7 & marks.length - 1;
    while (slots[at] != -1 && marks[at] != mark) {
      at = at + 1 & marks.length - 1;
    }
    return at;
  }
}
