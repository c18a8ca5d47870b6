package io.synlev.hash;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The secret of a balancer: 128 bits that key the flow hash and the permutations of the backends.
 *
 * <p>Balancers of one tier share a seed and so compute the same tables and the same slot for a
 * flow. Whoever knows it can craft flows that all meet one backend; therefore {@link #toString()}
 * hides it.
 *
 * @param k0 the first 64 bits; keys a permutation's offset
 * @param k1 the last 64 bits; keys a permutation's skip
 */
public record Seed(long k0, long k1) {
  private static final int HEX_DIGITS = 32;

  /** A seed from the system's random generator. */
  public static Seed random() {
    SecureRandom random = new SecureRandom();
    return new Seed(random.nextLong(), random.nextLong());
  }

  /**
   * Reads what {@link #toHex()} writes.
   *
   * @param hex exactly 32 hexadecimal digits
   * @throws IllegalArgumentException if it is anything else; the message does not repeat the value,
   *     which may be most of a secret
   */
  public static Seed parse(String hex) {
    try {
      if (hex.length() == HEX_DIGITS) {
        return new Seed(
            HexFormat.fromHexDigitsToLong(hex, 0, 16), HexFormat.fromHexDigitsToLong(hex, 16, 32));
      }
    } catch (NumberFormatException notHex) {
      // Answered below: one message for every malformed seed.
    }
    throw new IllegalArgumentException(
        "a seed is 32 hexadecimal digits (128 bits); this one has "
            + hex.length()
            + " characters or others than 0-9 a-f. 'openssl rand -hex 16' makes one.");
  }

  /** The 32 hexadecimal digits, for sharing among the balancers of a tier. */
  public String toHex() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(k0) + hex.toHexDigits(k1);
  }

  @Override
  public String toString() {
    return "Seed[hidden]";
  }
}
