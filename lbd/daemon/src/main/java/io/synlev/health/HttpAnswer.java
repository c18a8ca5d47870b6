package io.synlev.health;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads an HTTP answer (RFC 9112) that comes in pieces, as far as it must: to the status if no text
 * is looked for, otherwise until the text is found or can no longer come. One thread; allocates
 * nothing while it reads.
 */
final class HttpAnswer {
  /** The most bytes of status line and headers. */
  static final int MOST_HEAD = 16 << 10;

  /** The most bytes of a body that are searched. */
  static final int MOST_BODY = 64 << 10;

  private static final String LENGTH = "content-length:";
  private static final String CHUNKED = "transfer-encoding:chunked";
  private static final int LONGEST_LINE = 64;

  private enum Part {
    STATUS,
    HEADERS,
    BODY,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END
  }

  private final StringBuilder line = new StringBuilder(LONGEST_LINE);
  private Question question;
  private Part part;
  private int head;
  private int body;
  private long left;
  private boolean isChunked;
  private int status;
  private int matched;

  /** Begins to read the answer to a question. */
  void begin(Question to) {
    question = to;
    head = 0;
    body = 0;
    matched = 0;
    status = 0;
    beginHead();
  }

  private void beginHead() {
    part = Part.STATUS;
    left = -1;
    isChunked = false;
    line.setLength(0);
  }

  /** The code of the status line; 0 while it is not known. */
  int status() {
    return status;
  }

  /** Takes the next bytes. */
  Outcome take(MemorySegment bytes, int length) {
    for (int i = 0; i < length; i++) {
      Outcome outcome = take(bytes.get(ValueLayout.JAVA_BYTE, i));
      if (outcome != Outcome.PENDING) {
        return outcome;
      }
    }
    return Outcome.PENDING;
  }

  private Outcome take(byte next) {
    return switch (part) {
      case STATUS, HEADERS -> ++head > MOST_HEAD ? Outcome.MALFORMED : takeHead(next);
      case BODY, CHUNK -> takeBody(next);
      case CHUNK_SIZE, CHUNK_END -> isLineOver(next) ? takeChunkLine() : Outcome.PENDING;
    };
  }

  private Outcome takeHead(byte next) {
    if (!isLineOver(next)) {
      return Outcome.PENDING;
    }
    Outcome outcome = part == Part.STATUS ? takeStatus() : takeHeader();
    line.setLength(0);
    return outcome;
  }

  /** Keeps the begin of a line, lower case and without spaces but the first; RFC 9112, 2.2. */
  private boolean isLineOver(byte next) {
    if (next == '\n') {
      return true;
    }
    boolean isKept = next > ' ' || next == ' ' && part == Part.STATUS;
    if (isKept && line.length() < LONGEST_LINE) {
      line.append((char) (next >= 'A' && next <= 'Z' ? next + 32 : next));
    }
    return false;
  }

  private Outcome takeStatus() {
    boolean isHttp = line.length() >= 12 && line.indexOf("http/1.") == 0 && line.charAt(8) == ' ';
    status = isHttp ? (int) number(9, 12, 10) : -1;
    if (status < 100 || line.length() > 12 && line.charAt(12) != ' ') {
      return Outcome.MALFORMED;
    }
    part = Part.HEADERS;
    if (status < 200) {
      return Outcome.PENDING; // Informational, RFC 9110, 15.2: the answer proper follows.
    }
    if (!question.status().contains(status)) {
      return Outcome.WRONG_STATUS;
    }
    return question.needle().isEmpty() ? Outcome.OK : Outcome.PENDING;
  }

  private Outcome takeHeader() {
    if (line.isEmpty()) {
      return endHead();
    }
    if (line.indexOf(LENGTH) == 0) {
      left = number(LENGTH.length(), line.length(), 10);
      return left < 0 ? Outcome.MALFORMED : Outcome.PENDING;
    }
    isChunked |= line.indexOf(CHUNKED) == 0;
    return Outcome.PENDING;
  }

  private Outcome endHead() {
    if (status < 200) {
      beginHead();
      return Outcome.PENDING;
    }
    part = isChunked ? Part.CHUNK_SIZE : Part.BODY;
    return part == Part.BODY && left == 0 ? Outcome.WRONG_ANSWER : Outcome.PENDING;
  }

  private Outcome takeBody(byte next) {
    matched = question.needle().step(matched, next);
    if (question.needle().isFound(matched)) {
      return Outcome.OK;
    }
    if (++body >= MOST_BODY) {
      return Outcome.TOO_LARGE;
    }
    if (left > 0 && --left == 0) {
      if (part == Part.BODY) {
        return Outcome.WRONG_ANSWER;
      }
      part = Part.CHUNK_END;
    }
    return Outcome.PENDING;
  }

  private Outcome takeChunkLine() {
    if (part == Part.CHUNK_END) {
      part = Part.CHUNK_SIZE;
      line.setLength(0);
      return Outcome.PENDING;
    }
    int extension = line.indexOf(";");
    left = number(0, extension < 0 ? line.length() : extension, 16);
    line.setLength(0);
    part = Part.CHUNK;
    if (left < 0) {
      return Outcome.MALFORMED;
    }
    return left == 0 ? Outcome.WRONG_ANSWER : Outcome.PENDING;
  }

  /**
   * A number of the line; -1 if there is none. What is too large for a long is the largest one: a
   * recipient must not fail on large numbers, RFC 9110, 8.6.
   */
  private long number(int from, int to, int radix) {
    long number = 0;
    for (int i = from; i < to; i++) {
      int digit = Character.digit(line.charAt(i), radix);
      if (digit < 0) {
        return -1;
      }
      boolean isTooLarge = number > (Long.MAX_VALUE - digit) / radix;
      number = isTooLarge ? Long.MAX_VALUE : number * radix + digit;
    }
    return to > from ? number : -1;
  }

  /** The connection has ended. */
  Outcome end() {
    // Without a length the end of the connection is the end of the body; RFC 9112, 6.3.
    boolean isWhole = part == Part.BODY && left < 0;
    return isWhole ? Outcome.WRONG_ANSWER : Outcome.CLOSED;
  }
}
