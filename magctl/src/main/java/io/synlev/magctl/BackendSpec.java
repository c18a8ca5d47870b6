package io.synlev.magctl;

import io.synlev.state.Backend;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A backend in one word: {@code NAME[,FIELD=VALUE]...}, such as {@code s1,ipv4=192.0.2.1,weight=2}.
 *
 * @param name its name
 * @param fields what is said about it
 */
record BackendSpec(String name, BackendFields fields) {
  /** What help pages say about it. */
  static final String HELP =
      "NAME[,FIELD=VALUE]... with fields fwmark, weight, ipv4, ipv6, mac, state, health;"
          + " the fwmark is the name if that is a number, else the lowest free one.";

  /**
   * Reads words.
   *
   * @throws UsageException if one is malformed
   */
  static List<BackendSpec> parseAll(List<String> words) {
    List<BackendSpec> specs = new ArrayList<>();
    for (String word : words) {
      specs.add(parse(word));
    }
    return specs;
  }

  private static BackendSpec parse(String word) {
    String[] parts = word.split(",", -1);
    BackendFields fields = new BackendFields();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 0) {
        throw new UsageException(
            "'" + parts[i] + "' in '" + word + "' is no FIELD=VALUE: write s1,ipv4=192.0.2.1");
      }
      fields.set(parts[i].substring(0, equals), parts[i].substring(equals + 1), word);
    }
    fields.check();
    return new BackendSpec(parts[0], fields);
  }

  /**
   * The backends that are meant, with a fwmark each.
   *
   * @param common what is said about all of them
   * @param marks the fwmarks that are free
   */
  static List<Backend> toBackends(List<BackendSpec> specs, BackendFields common, FreeMarks marks) {
    Set<Integer> chosen = new HashSet<>();
    for (BackendSpec spec : specs) {
      chosen.add(spec.wantedMark(common, marks));
    }
    marks.take(chosen);
    List<Backend> backends = new ArrayList<>();
    for (BackendSpec spec : specs) {
      int wanted = spec.wantedMark(common, marks);
      int mark = wanted != 0 ? wanted : marks.next();
      backends.add(spec.fields.applyTo(common.applyTo(backend(spec.name, mark))));
    }
    return backends;
  }

  private static Backend backend(String name, int mark) {
    if (mark == 0) {
      throw new StateException(
          "there is no free fwmark for backend '" + name + "': the mark mask leaves no more");
    }
    return Backend.of(name, mark);
  }

  /** The mark that is said, or that the name says; 0 if neither. */
  private int wantedMark(BackendFields common, FreeMarks marks) {
    if (fields.fwmark != null) {
      return fields.mark();
    }
    if (common.fwmark != null) {
      return common.mark();
    }
    int named = Numbers.markOrZero(name);
    return marks.fits(named) ? named : 0;
  }
}
