package io.synlev.config;

import io.synlev.config.Node.Entry;
import io.synlev.config.Node.Mapping;
import io.synlev.config.Node.Scalar;
import io.synlev.config.Node.Sequence;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML 1.2 as nodes that know their lines. Scalars stay text: what a value means its key says, so
 * that {@code no} is a word and {@code 010} no octal number. Anchors, aliases, tags and keys that
 * are no scalars are refused: nothing needs them, and without them a file is what one reads.
 */
final class YamlReader {
  /** Characters; a file of 65,534 backends has about 6 million. */
  private static final int LARGEST = 64 << 20;

  private final Problems problems;
  private final Map<String, String> known = new java.util.HashMap<>();
  private Iterator<Event> events;

  YamlReader(Problems problems) {
    this.problems = problems;
  }

  /** The file's one document; null, with a problem told, if it is no YAML or empty. */
  Node read(String text) {
    LoadSettings settings =
        LoadSettings.builder().setUseMarks(true).setCodePointLimit(LARGEST).build();
    try {
      events = new Parse(settings).parseString(text).iterator();
      events.next(); // the stream's start
      if (events.next().getEventId() == Event.ID.StreamEnd) {
        problems.add(1, 0, "", "the file is empty: docs/configuration.md has examples");
        return null;
      }
      Node document = node(events.next(), "");
      events.next(); // the document's end
      Event next = events.next();
      if (next.getEventId() != Event.ID.StreamEnd) {
        problems.add(line(next), 0, "", "a second document: put all into one, without '---'");
      }
      return document;
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark();
      problems.add(
          mark.map(at -> at.getLine() + 1).orElse(0),
          mark.map(at -> at.getColumn() + 1).orElse(0),
          "",
          "this is no YAML: "
              + (e.getContext() == null ? "" : e.getContext() + ": ")
              + e.getProblem());
    } catch (YamlEngineException e) {
      problems.add(0, 0, "", "this is no YAML: " + e.getMessage());
    }
    return null;
  }

  private Node node(Event event, String field) {
    refuseExtras(event, field);
    int line = line(event);
    int column = column(event);
    return switch (event.getEventId()) {
      case Scalar -> new Scalar(((ScalarEvent) event).getValue(), line, column);
      case SequenceStart -> new Sequence(items(field), line, column);
      case MappingStart -> new Mapping(entries(field), line, column);
      default -> new Scalar("", line, column);
    };
  }

  private List<Node> items(String field) {
    List<Node> items = new ArrayList<>();
    Event event = events.next();
    while (event.getEventId() != Event.ID.SequenceEnd) {
      items.add(node(event, field));
      event = events.next();
    }
    return items;
  }

  private Map<String, Entry> entries(String field) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Event event = events.next();
    while (event.getEventId() != Event.ID.MappingEnd) {
      int line = line(event);
      int column = column(event);
      Node key = node(event, field);
      if (!(key instanceof Scalar(String text, int _, int _))) {
        problems.add(line, column, field, key.kind() + " as a key: use a word");
        node(events.next(), field);
      } else {
        String name = known.computeIfAbsent(text, same -> same);
        String path = Problems.path(field, name);
        Entry before = entries.get(name);
        Entry entry = new Entry(line, column, node(events.next(), path));
        if (before != null) {
          problems.add(
              line,
              column,
              path,
              "stands twice, here and in line " + before.line() + ": remove one");
        } else {
          entries.put(name, entry);
        }
      }
      event = events.next();
    }
    return entries;
  }

  private void refuseExtras(Event event, String field) {
    String extra = null;
    if (event.getEventId() == Event.ID.Alias) {
      extra = "an alias (*)";
    } else if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
      extra = "an anchor (&)";
    } else if (event instanceof ScalarEvent scalar && scalar.getTag().isPresent()) {
      extra = "a tag (!)";
    }
    if (extra != null) {
      problems.add(line(event), column(event), field, extra + ": write it out, none are used here");
    }
  }

  private static int line(Event event) {
    return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  private static int column(Event event) {
    return event.getStartMark().map(mark -> mark.getColumn() + 1).orElse(0);
  }
}
