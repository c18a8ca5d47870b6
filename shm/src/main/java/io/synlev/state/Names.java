package io.synlev.state;

import java.util.regex.Pattern;

/** The one rule for names of instances, pools, backends and services. */
public final class Names {
  /** The longest name, in characters (all are ASCII). */
  public static final int MAX_LENGTH = 63;

  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,62}");

  private Names() {}

  /**
   * Returns {@code name} if it can be one.
   *
   * @param what what it names, for the message ("pool", "backend")
   * @throws StateException if it is empty, too long, or has other characters than letters, digits
   *     and {@code . _ : -}, or does not begin with a letter or digit
   */
  public static String check(String what, String name) {
    if (name == null || !VALID.matcher(name).matches()) {
      throw new StateException(
          "'"
              + name
              + "' is no "
              + what
              + " name: 1 to "
              + MAX_LENGTH
              + " letters, digits or . _ : - and a letter or digit first");
    }
    return name;
  }
}
