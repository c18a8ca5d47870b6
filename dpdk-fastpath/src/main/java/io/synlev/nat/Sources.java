package io.synlev.nat;

import io.synlev.packet.FlowKey;
import io.synlev.state.Prefix;
import java.util.ArrayList;
import java.util.List;

/**
 * The source addresses, and whose their ports are. A place is a number: IPv4 first, then IPv6, each
 * in the order of {@link NatOptions#sources}. Immutable; any thread. Hot: no allocation.
 */
final class Sources {

  /** No place. */
  static final int NONE = -1;

  /** Odd, half of its bits set: 2^64 divided by the golden ratio. */
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private final int ipv4Count;
  private final int count;
  private final long[] highs;
  private final long[] lows;

  /** Places + 1 by hash of the address; 0 is free. At least half are. */
  private final byte[] table;

  private final int firstPort;
  private final int portsPerWorker;
  private final int usedPorts;
  private final int[] placeOf;

  Sources(NatOptions options) {
    List<Prefix> ordered = new ArrayList<>(options.sources());
    ordered.sort((a, b) -> Boolean.compare(a.ipv6(), b.ipv6()));
    count = ordered.size();
    ipv4Count = (int) ordered.stream().filter(source -> !source.ipv6()).count();
    placeOf = options.sources().stream().mapToInt(ordered::indexOf).toArray();
    highs = ordered.stream().mapToLong(Prefix::high).toArray();
    lows = ordered.stream().mapToLong(Prefix::low).toArray();
    table = new byte[Integer.highestOneBit(count) * 4];
    for (int place = 0; place < count; place++) {
      add(place);
    }
    firstPort = options.firstPort();
    portsPerWorker = options.portsPerWorker();
    usedPorts = portsPerWorker * options.workers();
  }

  private void add(int place) {
    int at = start(highs[place], lows[place]);
    while (table[at] != 0) {
      at = at + 1 & table.length - 1;
    }
    table[at] = (byte) (place + 1);
  }

  private int start(long high, long low) {
    long mixed = (high * SPREAD ^ low) * SPREAD;
    return (int) (mixed >>> 32) & table.length - 1;
  }

  /**
   * The place of an address, or {@link #NONE}.
   *
   * @param high the first eight bytes; 0 for IPv4
   */
  int find(boolean isIpv6, long high, long low) {
    int at = start(high, low);
    while (table[at] != 0) {
      int place = table[at] - 1 & 0xff;
      if (highs[place] == high && lows[place] == low && place >= ipv4Count == isIpv6) {
        return place;
      }
      at = at + 1 & table.length - 1;
    }
    return NONE;
  }

  /** Which worker's a port is; {@link #NONE} if it is nobody's. */
  int worker(int port) {
    int at = port - firstPort;
    return at >= 0 && at < usedPorts ? at / portsPerWorker : NONE;
  }

  /** The lowest port of a worker. */
  int firstPort(int worker) {
    return firstPort + worker * portsPerWorker;
  }

  int portsPerWorker() {
    return portsPerWorker;
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** The lowest place of a family. */
  int first(int family) {
    return family == FlowKey.IPV4 ? 0 : ipv4Count;
  }

  /** How many of a family there are. */
  int count(int family) {
    return family == FlowKey.IPV4 ? ipv4Count : count - ipv4Count;
  }

  long high(int place) {
    return highs[place];
  }

  long low(int place) {
    return lows[place];
  }

  /** The place of an address by its index in the options. */
  int placeOf(int index) {
    return placeOf[index];
  }
}
