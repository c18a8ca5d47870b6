package io.synlev.tests.support;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a program reported as a JSON object. */
public record Json(Map<String, Object> fields) {

  /** Reads one object. */
  public static Json parse(String text) {
    try {
      return new Json(JSON.std.mapFrom(text));
    } catch (IOException e) {
      throw new AssertionError("no JSON object: " + text, e);
    }
  }

  /** An object that was read already. */
  public static Json of(Object object) {
    Map<String, Object> fields = new TreeMap<>();
    ((Map<?, ?>) object).forEach((key, value) -> fields.put((String) key, value));
    return new Json(fields);
  }

  /** Reads the last line of a report. */
  public static Json lastLine(String text) {
    return parse(text.strip().lines().reduce("", (_, line) -> line));
  }

  /** A whole number. */
  public long number(String field) {
    return ((Number) value(field)).longValue();
  }

  /** Numbers by name, such as connections by server. */
  public Map<String, Long> numbers(String field) {
    Map<String, Long> numbers = new TreeMap<>();
    ((Map<?, ?>) value(field))
        .forEach((key, number) -> numbers.put((String) key, ((Number) number).longValue()));
    return numbers;
  }

  /** A text. */
  public String text(String field) {
    return (String) value(field);
  }

  /** An object inside. */
  public Json object(String field) {
    return of(value(field));
  }

  /** Objects in an array. */
  public List<Json> objects(String field) {
    return ((List<?>) value(field)).stream().map(Json::of).toList();
  }

  private Object value(String field) {
    Object value = fields.get(field);
    if (value == null) {
      throw new AssertionError("no '" + field + "' in " + fields);
    }
    return value;
  }

  @Override
  public String toString() {
    return fields.toString();
  }
}
