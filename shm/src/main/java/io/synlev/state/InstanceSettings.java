package io.synlev.state;

import io.synlev.hash.Seed;

/**
 * What of an instance never changes after its creation.
 *
 * @param seed the secret that keys hash and permutations
 * @param markMask the bits of the packet mark that are ours; not 0
 */
public record InstanceSettings(Seed seed, int markMask) {
  /**
   * The lower 16 bits: room for 65,535 backends. Calico's marks (0xffff0000) stay whole; beside
   * kube-proxy, which uses 0x4000 and 0x8000, choose 0x3fff.
   */
  public static final int DEFAULT_MARK_MASK = 0xffff;

  public InstanceSettings {
    if (markMask == 0) {
      throw new StateException("mark mask 0 leaves no bits to name a backend: 0xffff is usual");
    }
  }

  /**
   * Returns {@code fwmark} if it fits the mask.
   *
   * @throws StateException if it has bits outside
   */
  public int checkMark(int fwmark) {
    if ((fwmark & ~markMask) != 0) {
      throw new StateException(
          "fwmark %#x has bits outside the mark mask %#x of this instance"
              .formatted(fwmark, markMask));
    }
    return fwmark;
  }
}
