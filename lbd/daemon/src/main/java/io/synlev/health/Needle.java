package io.synlev.health;

/**
 * Bytes to be found in a stream that comes in pieces (Knuth, Morris, Pratt). Immutable: whoever
 * searches keeps how far it has come.
 */
final class Needle {
  private final byte[] bytes;

  /** For each length of a match, the length of the longest shorter one that it ends with. */
  private final int[] fallback;

  Needle(byte[] bytes) {
    this.bytes = bytes.clone();
    this.fallback = new int[bytes.length + 1];
    int matched = 0;
    for (int i = 1; i < bytes.length; i++) {
      matched = step(matched, bytes[i]);
      fallback[i + 1] = matched;
    }
  }

  /** Nothing is looked for: it is found in anything. */
  boolean isEmpty() {
    return bytes.length == 0;
  }

  /**
   * Takes the next byte.
   *
   * @param matched what the last step returned, 0 at first; not all of it
   * @return how many bytes match now
   */
  int step(int matched, byte next) {
    int length = matched;
    while (length > 0 && bytes[length] != next) {
      length = fallback[length];
    }
    return length < bytes.length && bytes[length] == next ? length + 1 : 0;
  }

  boolean isFound(int matched) {
    return matched == bytes.length;
  }
}
