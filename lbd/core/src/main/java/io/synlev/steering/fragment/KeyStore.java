package io.synlev.steering.fragment;

/** Keys in parallel arrays, eight longs each; comparing allocates nothing. */
final class KeyStore {

  /** Longs of a key: the addresses, then the datagram; 8 is a cache line. */
  private static final int STRIDE = 8;

  private final long[] longs;

  KeyStore(int capacity) {
    longs = new long[capacity * STRIDE];
  }

  void put(int index, FragmentKey key) {
    int at = index * STRIDE;
    longs[at] = key.datagram;
    longs[at + 1] = key.sourceLow;
    longs[at + 2] = key.destinationLow;
    longs[at + 3] = key.sourceHigh;
    longs[at + 4] = key.destinationHigh;
  }

  boolean is(int index, FragmentKey key) {
    int at = index * STRIDE;
    return longs[at] == key.datagram
        && longs[at + 1] == key.sourceLow
        && longs[at + 2] == key.destinationLow
        && longs[at + 3] == key.sourceHigh
        && longs[at + 4] == key.destinationHigh;
  }
}
