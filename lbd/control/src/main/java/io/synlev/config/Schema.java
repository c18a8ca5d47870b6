package io.synlev.config;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys as JSON schema (draft 2020-12) for editors, and as tables for the documentation. */
final class Schema {
  private Schema() {}

  /** The schema's text. */
  static String text() {
    Map<String, Object> definitions = new LinkedHashMap<>();
    for (Section section : Section.values()) {
      if (section != Section.FILE) {
        definitions.put(section.definition(), object(section));
      }
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Synlev configuration");
    schema.putAll(object(Section.FILE));
    schema.put("$defs", definitions);
    try {
      return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(schema) + "\n";
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static Map<String, Object> object(Section section) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (Key key : Key.of(section)) {
      Map<String, Object> property = new LinkedHashMap<>();
      property.put("description", key.what());
      property.putAll(key.form().schema());
      properties.put(key.name(), property);
      if (key.isRequired()) {
        required.add(key.name());
      }
    }
    Map<String, Object> object = new LinkedHashMap<>();
    // A backend or a pool of which nothing is said has what is usual.
    boolean mayBeEmpty = required.isEmpty();
    object.put("type", mayBeEmpty ? List.of("object", "null") : "object");
    if (!mayBeEmpty) {
      object.put("required", required);
    }
    object.put("additionalProperties", false);
    object.put("properties", properties);
    return object;
  }

  /** The tables of docs/configuration.md. */
  static String tables() {
    StringBuilder text = new StringBuilder();
    for (Section section : Section.values()) {
      text.append("### ").append(section.title()).append("\n\n");
      text.append("| key | value | without it | what |\n|---|---|---|---|\n");
      for (Key key : Key.of(section)) {
        text.append("| `").append(key.name()).append("` | ").append(key.form().words());
        text.append(" | ").append(key.isRequired() ? "**needed**" : key.usual());
        text.append(" | ").append(key.what()).append(" |\n");
      }
      text.append('\n');
    }
    return text.toString();
  }
}
