package io.synlev.config;

import io.synlev.config.Node.Entry;
import io.synlev.config.Node.Mapping;
import io.synlev.config.Node.Scalar;
import io.synlev.config.Node.Sequence;
import io.synlev.state.Names;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The keys of one section while they are read. What is wrong is told and read as if it were not
 * there, so that one look at a file finds all.
 */
final class Fields {
  private final Map<String, Entry> entries;
  private final String path;
  private final Problems problems;

  /** Takes a section; a key that the section does not have, or must have, is a problem. */
  Fields(Node node, Section section, String path, Problems problems) {
    this.path = path;
    this.problems = problems;
    this.entries = entries(node, path, problems);
    List<String> known = new ArrayList<>();
    for (Key key : Key.of(section)) {
      known.add(key.name());
      if (key.isRequired() && node instanceof Mapping && !entries.containsKey(key.name())) {
        problems.add(node.line(), 0, path, "'" + key.name() + "' is missing: " + key.what());
      }
    }
    entries.forEach(
        (name, entry) -> {
          problems.place(Problems.path(path, name), entry.line());
          if (!known.contains(name)) {
            problems.add(
                entry.line(), entry.column(), Problems.path(path, name), unknown(name, known));
          }
        });
  }

  private static Map<String, Entry> entries(Node node, String path, Problems problems) {
    if (node instanceof Mapping mapping) {
      return mapping.entries();
    }
    if (!(node instanceof Scalar(String text, int _, int _) && text.isEmpty())) {
      problems.add(node.line(), node.column(), path, node.kind() + " where keys are needed");
    }
    // A name with nothing behind it has what is usual, such as a backend 's1:'.
    return Map.of();
  }

  private static String unknown(String name, List<String> known) {
    for (String each : known) {
      if (each.replace("-", "").equalsIgnoreCase(name.replaceAll("[-_]", ""))) {
        return "there is no such key: it is '" + each + "'";
      }
    }
    return "there is no such key: there are " + String.join(", ", known);
  }

  /** Whether the key is there. */
  boolean has(String key) {
    return entries.containsKey(key);
  }

  /**
   * A scalar.
   *
   * @param parser its {@link StateException} or {@link IllegalArgumentException} says what is wrong
   */
  <T> T read(String key, Function<String, T> parser, T usual) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return usual;
    }
    T value = parse(key, entry.value(), parser);
    return value == null ? usual : value;
  }

  private <T> T parse(String key, Node node, Function<String, T> parser) {
    String problem;
    if (!(node instanceof Scalar(String text, int _, int _))) {
      problem = node.kind() + " where one value is needed";
    } else if (text.isEmpty()) {
      problem = "no value: give one, or leave the key out";
    } else {
      try {
        return parser.apply(text);
      } catch (StateException | IllegalArgumentException e) {
        problem = e.getMessage();
      }
    }
    problems.add(node.line(), node.column(), Problems.path(path, key), problem);
    return null;
  }

  /** A list, or one value alone; empty if the key is not there. */
  <T> List<T> list(String key, Function<String, T> parser) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return List.of();
    }
    List<Node> items =
        entry.value() instanceof Sequence(List<Node> all, int _, int _)
            ? all
            : List.of(entry.value());
    if (items.isEmpty()) {
      problems.add(
          entry.line(),
          entry.column(),
          Problems.path(path, key),
          "an empty list: fill it, or leave the key out");
    }
    List<T> values = new ArrayList<>();
    for (Node item : items) {
      T value = parse(key, item, parser);
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  /** A section below this one; null if the key is not there. */
  Fields section(String key, Section section) {
    Entry entry = entries.get(key);
    return entry == null
        ? null
        : new Fields(entry.value(), section, Problems.path(path, key), problems);
  }

  /** Named parts, each read by {@code reader} from its name and keys; without those not read. */
  <T> Map<String, T> byName(
      String key, String what, Section section, BiFunction<String, Fields, T> reader) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return Map.of();
    }
    String place = Problems.path(path, key);
    Map<String, T> all = new LinkedHashMap<>();
    entries(entry.value(), place, problems)
        .forEach(
            (name, part) -> {
              String here = Problems.path(place, name);
              problems.place(here, part.line());
              try {
                Names.check(what, name);
                T read = reader.apply(name, new Fields(part.value(), section, here, problems));
                if (read != null) {
                  all.put(name, read);
                }
              } catch (StateException e) {
                // A name, or what one part says of another.
                problems.add(part.line(), part.column(), here, e.getMessage());
              }
            });
    return all;
  }

  /** The scalars of all keys that a section has. */
  Map<String, String> scalars(Section section) {
    Map<String, String> all = new LinkedHashMap<>();
    for (Key key : Key.of(section)) {
      String text = read(key.name(), Function.identity(), null);
      if (text != null) {
        all.put(key.name(), text);
      }
    }
    return all;
  }

  /** Tells a problem of one of these keys. */
  void refuse(String key, String message) {
    problems.add(Problems.path(path, key), message);
  }
}
