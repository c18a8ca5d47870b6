package io.synlev.maglev;

import java.util.Comparator;

/**
 * The order in which backends take turns: by name, runs of digits compared as numbers, so that s2
 * comes before s10. It depends on nothing but the names, therefore neither does the table.
 */
public final class NameOrder implements Comparator<String> {
  /** The one order. */
  public static final NameOrder INSTANCE = new NameOrder();

  private NameOrder() {}

  @Override
  public int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      if (isDigit(a.charAt(i)) && isDigit(b.charAt(j))) {
        int endOfA = endOfDigits(a, i);
        int endOfB = endOfDigits(b, j);
        int order = compareNumbers(a, i, endOfA, b, j, endOfB);
        if (order != 0) {
          return order;
        }
        i = endOfA;
        j = endOfB;
      } else if (a.charAt(i) != b.charAt(j)) {
        return Character.compare(a.charAt(i), b.charAt(j));
      } else {
        i++;
        j++;
      }
    }
    int rest = Integer.compare(a.length() - i, b.length() - j);
    // Equal as numbers (s1, s01): the spelling decides, or the order would depend on history.
    return rest != 0 ? rest : a.compareTo(b);
  }

  private static int compareNumbers(String a, int i, int endOfA, String b, int j, int endOfB) {
    int firstOfA = skipZeros(a, i, endOfA);
    int firstOfB = skipZeros(b, j, endOfB);
    int byLength = Integer.compare(endOfA - firstOfA, endOfB - firstOfB);
    if (byLength != 0) {
      return byLength;
    }
    for (int k = 0; firstOfA + k < endOfA; k++) {
      int byDigit = Character.compare(a.charAt(firstOfA + k), b.charAt(firstOfB + k));
      if (byDigit != 0) {
        return byDigit;
      }
    }
    return 0;
  }

  private static int skipZeros(String s, int from, int end) {
    int at = from;
    while (at < end && s.charAt(at) == '0') {
      at++;
    }
    return at;
  }

  private static int endOfDigits(String s, int from) {
    int at = from;
    while (at < s.length() && isDigit(s.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
