package io.synlev.maglev;

import io.synlev.hash.Seed;
import io.synlev.hash.XxHash64;
import java.nio.charset.StandardCharsets;

/**
 * The order in which one backend wants the slots: offset, offset + skip, offset + 2 skip, ...
 * modulo the (prime) number of slots (NSDI 2016, section 3.4).
 *
 * @param offset the slot it wants most, 0 to size - 1
 * @param skip the step, 1 to size - 1
 */
public record Permutation(int offset, int skip) {
  /**
   * The permutation of a backend: a function of its name and the instance's seed alone. With seed
   * (0, 1) it is Envoy's.
   */
  public static Permutation of(String name, Seed seed, int size) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return new Permutation(
        (int) Long.remainderUnsigned(XxHash64.hash(bytes, seed.k0()), size),
        (int) Long.remainderUnsigned(XxHash64.hash(bytes, seed.k1()), size - 1) + 1);
  }
}
