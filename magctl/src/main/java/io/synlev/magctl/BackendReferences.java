package io.synlev.magctl;

import io.synlev.state.Backend;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds the backends that people name by name or fwmark. */
final class BackendReferences {
  private BackendReferences() {}

  /**
   * The backends that {@code words} mean, each once, in the order of the words.
   *
   * @param words names, or fwmarks in decimal or as 0x hex; {@code name=X} and {@code fwmark=N} say
   *     which is meant
   * @throws StateException if a word means none, or two different ones
   */
  static Set<String> names(List<Backend> backends, String pool, List<String> words) {
    Set<String> names = new LinkedHashSet<>();
    for (String word : words) {
      names.add(find(backends, pool, word).name());
    }
    return names;
  }

  private static Backend find(List<Backend> backends, String pool, String word) {
    Backend byName = null;
    Backend byMark = null;
    boolean onlyName = word.startsWith("name=");
    boolean onlyMark = word.startsWith("fwmark=");
    String value = word.substring(word.indexOf('=') + 1);
    int mark = Numbers.markOrZero(value);
    for (Backend backend : backends) {
      if (!onlyMark && backend.name().equals(value)) {
        byName = backend;
      }
      if (!onlyName && mark != 0 && backend.fwmark() == mark) {
        byMark = backend;
      }
    }
    if (byName != null && byMark != null && byName != byMark) {
      throw new StateException(
          "'"
              + word
              + "' is the name of one backend of pool '"
              + pool
              + "' and the fwmark of '"
              + byMark.name()
              + "': write name="
              + word
              + " or fwmark="
              + word);
    }
    if (byName == null && byMark == null) {
      throw unknown(backends, pool, word);
    }
    return byName != null ? byName : byMark;
  }

  private static StateException unknown(List<Backend> backends, String pool, String word) {
    List<String> names = new ArrayList<>();
    for (Backend backend : backends) {
      names.add(backend.name());
    }
    String text = "there is no backend '" + word + "' in pool '" + pool + "'";
    String hint = Suggestions.didYouMean(word, names);
    if (names.isEmpty()) {
      return new StateException(text + ", nor any other: 'magctl backend add' adds one");
    }
    if (hint.isEmpty() || Numbers.markOrZero(word) != 0) {
      // Nobody mistypes 11 for 1 often enough to suggest it.
      return new StateException(text + ": 'magctl backend list --pool " + pool + "' lists them");
    }
    return new StateException(text + hint);
  }
}
