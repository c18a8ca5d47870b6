package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code datapath.show} answers.
 *
 * @param datapath the one that serves
 * @param all its members
 */
record DatapathAnswer(String datapath, Map<String, Object> all) {

  static DatapathAnswer ask(Instance instance) {
    Map<String, Object> all = new LinkedHashMap<>();
    DaemonAnswer.of(instance, "datapath.show", Map.of())
        .forEach((name, value) -> all.put(String.valueOf(name), value));
    return new DatapathAnswer(String.valueOf(all.get("datapath")), all);
  }

  /** The last switch, or the one that is under way; null if there was none. */
  Map<?, ?> lastSwitch() {
    return (Map<?, ?>) all.get("lastSwitch");
  }

  /** What a switch is about; null if none is under way. */
  String step() {
    return lastSwitch() == null ? null : (String) lastSwitch().get("step");
  }

  /** Why the last switch failed; null if it did not. */
  String failure() {
    return lastSwitch() == null ? null : (String) lastSwitch().get("failure");
  }

  /** What is in force, by name. */
  Map<?, ?> settings() {
    return (Map<?, ?>) all.get("settings");
  }

  /** How it was asked for. */
  List<?> options() {
    return (List<?>) all.get("options");
  }

  /** A member as people read it. */
  String text(String name) {
    return String.valueOf(all.get(name));
  }
}
