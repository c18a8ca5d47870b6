package io.synlev.control;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into lines and never holds more than a bound. One thread at a time.
 *
 * <p>It starts small and grows to the bound only for who sends long lines.
 */
final class LineBuffer {
  /** The line was longer than the bound. */
  static final class TooLongException extends Exception {
    private static final long serialVersionUID = 1L;

    TooLongException() {
      super(null, null, false, false);
    }
  }

  private static final int START = 512;

  private final int limit;
  private byte[] bytes = new byte[START];
  private int start;
  private int scanned;
  private int end;

  /**
   * An empty buffer.
   *
   * @param limit the longest line in bytes, without its end
   */
  LineBuffer(int limit) {
    this.limit = limit;
  }

  /** Takes all that is in {@code more}. */
  void append(ByteBuffer more) {
    int count = more.remaining();
    if (start > 0 && end + count > bytes.length) {
      System.arraycopy(bytes, start, bytes, 0, end - start);
      scanned -= start;
      end -= start;
      start = 0;
    }
    if (end + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, end + count));
    }
    more.get(bytes, end, count);
    end += count;
  }

  /**
   * The next whole line without its end, or null if there is none yet.
   *
   * @throws TooLongException if the line, whole or not, is longer than the limit
   * @throws CharacterCodingException if the line is not UTF-8; the line after it can be read
   */
  String next() throws TooLongException, CharacterCodingException {
    while (scanned < end && bytes[scanned] != '\n') {
      scanned++;
    }
    int length = scanned - start;
    if (length > limit) {
      throw new TooLongException();
    }
    if (scanned == end) {
      return null;
    }
    ByteBuffer line = ByteBuffer.wrap(bytes, start, length);
    scanned++;
    start = scanned;
    if (start == end) {
      start = 0;
      scanned = 0;
      end = 0;
    }
    // A new decoder reports malformed input; String's constructor would replace it.
    return StandardCharsets.UTF_8.newDecoder().decode(line).toString();
  }
}
