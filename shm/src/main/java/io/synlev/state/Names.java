package io.synlev.state;

/** The one rule for names of instances, pools, backends and services. */
public final class Names {
  /** The longest name, in characters (all are ASCII). */
  public static final int MAX_LENGTH = 63;

  private Names() {}

  /**
   * Returns {@code name} if it can be one.
   *
   * @param what what it names, for the message ("pool", "backend")
   * @throws StateException if it is empty, too long, or has other characters than letters, digits
   *     and {@code . _ : -}, or does not begin with a letter or digit
   */
  public static String check(String what, String name) {
    if (!isValid(name)) {
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

  static boolean isValid(String name) {
    if (name == null || name.isEmpty() || name.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!alphanumeric && (i == 0 || "._:-".indexOf(c) < 0)) {
        return false;
      }
    }
    return true;
  }
}
