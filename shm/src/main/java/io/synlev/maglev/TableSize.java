package io.synlev.maglev;

/**
 * The number of slots of a table: a prime, so that every skip walks through all slots.
 *
 * <p>Few slots build fast; many slots spread evenly and move fewer flows when a pool changes. A
 * hundred slots a backend keep the unevenness near 1 % (NSDI 2016, section 5.3).
 */
public final class TableSize {
  /** The smallest table, that of the paper's example. */
  public static final int MINIMUM = 7;

  /** The paper's "small" table and our default. */
  public static final int DEFAULT = 65_537;

  /** The largest table: 10 MB a generation. */
  public static final int MAXIMUM = 5_000_011;

  private TableSize() {}

  /**
   * The largest usable size that is not above {@code wanted}.
   *
   * @throws IllegalArgumentException if {@code wanted} is outside {@link #MINIMUM} to {@link
   *     #MAXIMUM}
   */
  public static int atMost(int wanted) {
    if (wanted < MINIMUM || wanted > MAXIMUM) {
      throw new IllegalArgumentException(
          "a table of " + wanted + " slots: choose from " + MINIMUM + " to " + MAXIMUM);
    }
    int size = wanted;
    while (!isPrime(size)) {
      size--;
    }
    return size;
  }

  /** Whether a table can have {@code size} slots. */
  public static boolean isValid(int size) {
    return size >= MINIMUM && size <= MAXIMUM && isPrime(size);
  }

  private static boolean isPrime(int n) {
    if (n < 2 || n % 2 == 0) {
      return n == 2;
    }
    for (int divisor = 3; (long) divisor * divisor <= n; divisor += 2) {
      if (n % divisor == 0) {
        return false;
      }
    }
    return true;
  }
}
