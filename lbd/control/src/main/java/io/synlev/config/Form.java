package io.synlev.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a value looks like: in words for people, and as JSON schema for editors. The values
 * themselves are read by the classes that they become.
 *
 * @param words such as {@code 0 to 10000}
 * @param schema members of a JSON schema
 */
record Form(String words, Map<String, Object> schema) {
  private static final String NAME = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,62}$";

  /** A decimal number. */
  static Form number(long least, long most) {
    return new Form(
        least + " to " + most, object("type", "integer", "minimum", least, "maximum", most));
  }

  /** A decimal or 0x number of at most 32 bits, 0 excluded where {@code least} is 1. */
  static Form mark(int least) {
    return new Form(
        "a number, decimal or 0x hex",
        object("type", "integer", "minimum", least, "maximum", 0xffff_ffffL));
  }

  /** One of some words. */
  static Form choice(String... words) {
    return new Form("`" + String.join("`, `", words) + "`", object("enum", List.of(words)));
  }

  /** True or false. */
  static Form yes() {
    return new Form("`true` or `false`", object("type", "boolean"));
  }

  /** A name of the one kind there is; see {@link io.synlev.state.Names}. */
  static Form name() {
    return new Form("a name", object("type", "string", "pattern", NAME));
  }

  /** A text of a form of its own. */
  static Form text(String words, String pattern) {
    return new Form(words, object("type", "string", "pattern", pattern));
  }

  /** A text or a number, such as a port or a range of ports. */
  static Form textOrNumber(String words, String pattern) {
    return new Form(
        words,
        object(
            "anyOf",
            List.of(object("type", "integer"), object("type", "string", "pattern", pattern))));
  }

  /** A list, or one value alone. */
  static Form listOf(Form item) {
    return new Form(
        "a list: " + item.words,
        object("anyOf", List.of(item.schema, object("type", "array", "items", item.schema))));
  }

  /** Names, each with keys of its own. */
  static Form byName(String words, String definition) {
    return new Form(
        words,
        object(
            "type",
            "object",
            "propertyNames",
            name().schema,
            "additionalProperties",
            object("$ref", "#/$defs/" + definition)));
  }

  /** Keys. */
  static Form keys(String definition) {
    return new Form("keys, see below", object("$ref", "#/$defs/" + definition));
  }

  /** An object whose members keep the order of the arguments: name, value, name, value... */
  static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return members;
  }
}
