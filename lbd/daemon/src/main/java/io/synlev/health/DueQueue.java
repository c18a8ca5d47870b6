package io.synlev.health;

/**
 * Targets by when something is due for each: a check's begin, or its timeout. A binary heap in
 * which every target knows its place, so that nothing is allocated when a time changes. One thread.
 */
final class DueQueue {
  private Target[] heap = new Target[16];
  private int size;

  /** The target that is due first, or null. */
  Target first() {
    return size == 0 ? null : heap[0];
  }

  /** Adds a target, or moves it to another time. */
  void set(Target target, long dueNanos) {
    target.due = dueNanos;
    if (target.place < 0) {
      if (size == heap.length) {
        heap = java.util.Arrays.copyOf(heap, 2 * size);
      }
      put(size++, target);
    }
    rise(target.place);
    sink(target.place);
  }

  void remove(Target target) {
    int place = target.place;
    if (place < 0) {
      return;
    }
    target.place = -1;
    Target last = heap[--size];
    heap[size] = null;
    if (last != target) {
      put(place, last);
      rise(last.place);
      sink(last.place);
    }
  }

  private void put(int place, Target target) {
    heap[place] = target;
    target.place = place;
  }

  private void rise(int from) {
    int place = from;
    while (place > 0 && isBefore(place, (place - 1) / 2)) {
      swap(place, (place - 1) / 2);
      place = (place - 1) / 2;
    }
  }

  private void sink(int from) {
    int place = from;
    while (true) {
      int child = 2 * place + 1;
      if (child + 1 < size && isBefore(child + 1, child)) {
        child++;
      }
      if (child >= size || !isBefore(child, place)) {
        return;
      }
      swap(place, child);
      place = child;
    }
  }

  private boolean isBefore(int a, int b) {
    return heap[a].due - heap[b].due < 0;
  }

  private void swap(int a, int b) {
    Target target = heap[a];
    put(a, heap[b]);
    put(b, target);
  }
}
