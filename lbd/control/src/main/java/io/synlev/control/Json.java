package io.synlev.control;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;

/** The one place that knows the JSON library. */
final class Json {
  // A response has to show "id":null and "result":null, which are left out by default.
  private static final JSON JSON_TEXT = JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES);

  private Json() {}

  /**
   * Reads one JSON text and nothing after it.
   *
   * @throws IOException if it is anything else
   */
  static Object read(String text) throws IOException {
    try (JsonParser parser = JSON_TEXT.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new IOException("it is empty");
      }
      Object value = JSON_TEXT.anyFrom(parser);
      if (parser.nextToken() != null) {
        throw new IOException("something follows the JSON text");
      }
      return value;
    }
  }

  /** Writes a value on one line, without the line's end. */
  static String write(Object value) {
    try {
      return JSON_TEXT.asString(value);
    } catch (IOException e) {
      throw new IllegalStateException("cannot write as JSON: " + e.getMessage(), e);
    }
  }
}
