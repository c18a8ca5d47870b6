package io.synlev.hash;

/**
 * The keyed hash of a flow: folded 64 x 64 -> 128 bit multiplications, as in the wyhash family.
 *
 * <p>Both factors of the first multiplications hold a secret key, so that a sender who does not
 * know the {@link Seed} cannot choose flows that meet in one slot. Nothing is allocated; any thread
 * may use one object.
 *
 * <p>All arguments are the header's fields read big-endian. To hash on addresses alone pass 0 for
 * ports and protocol.
 */
public final class FlowHash {
  // Odd, with 32 one bits each, so that neither key degenerates when the other factor is small.
  private static final long SPREAD_0 = 0xa0761d6478bd642fL;
  private static final long SPREAD_1 = 0xe7037ed1a0b428dbL;

  private final long key0;
  private final long key1;
  private final long key2;

  /** Prepares the keys of {@code seed}. */
  public FlowHash(Seed seed) {
    key0 = mix(seed.k0() ^ SPREAD_0, seed.k1() ^ SPREAD_1);
    key1 = mix(seed.k1() ^ SPREAD_0, key0 ^ SPREAD_1);
    key2 = mix(key0 ^ SPREAD_0, key1 ^ SPREAD_1);
  }

  /**
   * The hash of an IPv4 flow.
   *
   * @param source source address
   * @param destination destination address
   * @param ports {@code source port << 16 | destination port}
   * @param protocol IP protocol number, 0 to 255
   * @return 32 well-mixed bits
   */
  public int ipv4(int source, int destination, int ports, int protocol) {
    long addresses = (long) source << 32 | destination & 0xffffffffL;
    return finish(mix(addresses ^ key0, transport(ports, protocol) ^ key1));
  }

  /**
   * The hash of an IPv6 flow; addresses as their first and last eight bytes.
   *
   * @param ports {@code source port << 16 | destination port}
   * @param protocol the upper-layer protocol number, 0 to 255
   * @return 32 well-mixed bits
   */
  public int ipv6(
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow,
      int ports,
      int protocol) {
    long source = mix(sourceHigh ^ key0, sourceLow ^ key1);
    long destination = mix(destinationHigh ^ key1, destinationLow ^ key2);
    return finish(
        mix(source ^ key2, Long.rotateLeft(destination, 32) ^ key0 ^ transport(ports, protocol)));
  }

  private static long transport(int ports, int protocol) {
    return (long) protocol << 32 | ports & 0xffffffffL;
  }

  private int finish(long mixed) {
    return (int) (mix(mixed ^ key2, SPREAD_1) >>> 32);
  }

  private static long mix(long a, long b) {
    return a * b ^ Math.unsignedMultiplyHigh(a, b);
  }
}
