package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import io.synlev.memory.Memory;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Lets the program pass over packets whose destination is surely no VIP, before any look-up.
 *
 * <p>Two bitmaps of 65,536 bits: IPv4 addresses are hashed by their first 24 bits, IPv6 ones by
 * their first 64. A set bit means "perhaps". Fresh maps have all bits set. Changes are serialized
 * inside; any thread may call.
 */
public final class VipFilter implements AutoCloseable {

  private static final int WORDS = 1024;

  /** Before them the program keeps a clock in a cache line of its own. */
  private static final int BITMAPS_OFFSET = 64;

  /**
   * Addresses that begin alike.
   *
   * @param address any of them
   * @param length how many bits they have in common, 0 to 32 or 128
   */
  public record Prefix(InetAddress address, int length) {

    /**
     * Checks the length.
     *
     * @throws IllegalArgumentException with the value and its range
     */
    public Prefix {
      int most = address.getAddress().length * 8;
      if (length < 0 || length > most) {
        throw new IllegalArgumentException(
            "prefix length " + length + " of " + address.getHostAddress() + ": use 0 to " + most);
      }
    }
  }

  private final SharedMap shared;

  VipFilter(int descriptor, boolean isFresh) throws NativeException {
    shared = new SharedMap(descriptor, BITMAPS_OFFSET + 2L * WORDS * Long.BYTES);
    if (isFresh) {
      long[] all = new long[2 * WORDS];
      Arrays.fill(all, -1);
      write(all);
    }
  }

  /** From now on only these addresses are VIPs; until it returns, both these and the former. */
  public synchronized void set(List<Prefix> vips) {
    long[] wanted = new long[2 * WORDS];
    for (Prefix vip : vips) {
      byte[] bytes = vip.address().getAddress();
      if (bytes.length == 4) {
        add4(wanted, ByteBuffer.wrap(bytes).getInt() >>> 8, Math.max(0, 24 - vip.length()));
      } else {
        add6(wanted, ByteBuffer.wrap(bytes).getLong(), Math.max(0, 64 - vip.length()));
      }
    }
    write(wanted);
  }

  private static void add4(long[] bits, int network, int free) {
    if (free >= 16) {
      Arrays.fill(bits, 0, WORDS, -1);
      return;
    }
    int first = network >>> free << free;
    for (int i = 0; i < 1 << free; i++) {
      int hash = first + i ^ (first + i) >>> 16;
      setBit(bits, hash & 0xffff);
    }
  }

  private static void add6(long[] bits, long network, int free) {
    if (free >= 16) {
      Arrays.fill(bits, WORDS, 2 * WORDS, -1);
      return;
    }
    long first = network >>> free << free;
    for (int i = 0; i < 1 << free; i++) {
      long prefix = first + i;
      int words = (int) (prefix >>> 32) ^ (int) prefix;
      // The program reads them as they lie in memory.
      int hash = Integer.reverseBytes(words);
      setBit(bits, 65_536 + ((hash ^ hash >>> 16) & 0xffff));
    }
  }

  private static void setBit(long[] bits, int bit) {
    bits[bit >> 6] |= 1L << bit;
  }

  private void write(long[] words) {
    long bitmaps = shared.address() + BITMAPS_OFFSET;
    for (int i = 0; i < words.length; i++) {
      Memory.putLongRelease(bitmaps + (long) i * Long.BYTES, words[i]);
    }
  }

  @Override
  public synchronized void close() {
    shared.close();
  }
}
