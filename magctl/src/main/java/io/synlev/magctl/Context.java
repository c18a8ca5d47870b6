package io.synlev.magctl;

import java.util.Map;

/**
 * What a command gets from the process it runs in.
 *
 * @param console where it writes
 * @param environment the environment variables
 */
record Context(Console console, Map<String, String> environment) {
  /** The first of an option's value, an environment variable and a default that is there. */
  String choose(String option, String variable, String otherwise) {
    if (option != null) {
      return option;
    }
    String value = environment.get(variable);
    return value == null || value.isEmpty() ? otherwise : value;
  }
}
