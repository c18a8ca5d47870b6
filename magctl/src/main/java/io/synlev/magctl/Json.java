package io.synlev.magctl;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON output. Loaded only when it was asked for. */
final class Json {
  private static final JSON WRITER =
      JSON.builder()
          .enable(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_NULL_PROPERTIES)
          .build();

  private Json() {}

  /** An object whose members keep the order of the arguments: name, value, name, value... */
  static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return members;
  }

  /** An object as indented text. */
  static String write(Map<String, Object> object) {
    return text(WRITER, object);
  }

  /** An object on one line, for streams of them. */
  static String line(Map<String, Object> object) {
    return text(WRITER.without(JSON.Feature.PRETTY_PRINT_OUTPUT), object);
  }

  private static String text(JSON writer, Map<String, Object> object) {
    try {
      return writer.asString(object);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
