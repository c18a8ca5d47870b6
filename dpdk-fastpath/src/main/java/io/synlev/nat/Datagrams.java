package io.synlev.nat;

import io.synlev.datapath.HeldPackets;
import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.PacketHeaders;
import io.synlev.steering.fragment.FragmentKey;
import io.synlev.steering.fragment.FragmentOptions;
import io.synlev.steering.fragment.FragmentTable;
import io.synlev.steering.fragment.HeldFragments;

/**
 * What was made of the first fragments of recent datagrams, of both directions: later ones have no
 * ports to find their session by. Belongs to one worker. Hot.
 */
final class Datagrams {

  private static final int LONGS = 6;

  private final FragmentKey key = new FragmentKey();
  private final FragmentTable table;

  /** Null if nobody holds packets. */
  private final HeldFragments held;

  private final Identifications identifications;

  /** The new source and destination, backend and MAC of each entry. */
  private final long[] translations;

  private final int[] identificationOf;

  Datagrams(
      FragmentOptions options, HeldPackets packets, Seed seed, Identifications identifications) {
    FlowHash hash = new FlowHash(seed);
    this.identifications = identifications;
    table = new FragmentTable(options.datagrams(), options.lifeNanos(), hash);
    held =
        packets == null
            ? null
            : new HeldFragments(options.heldFragments(), options.lifeNanos(), hash, packets);
    translations = new long[options.datagrams() * LONGS];
    identificationOf = new int[options.datagrams()];
  }

  /**
   * Remembers what was made of a first fragment; lets those go that waited for it.
   *
   * @param headers of it before
   * @return its new identification
   */
  int first(PacketHeaders headers, Translation translation, long nowNanos) {
    key.set(headers);
    int entry = table.find(key, nowNanos);
    if (entry == FragmentTable.NONE) {
      entry = table.insert(key, nowNanos);
      identificationOf[entry] = identifications.next(translation.fromLow, translation.toLow);
    } else {
      table.renew(entry, nowNanos);
    }
    int at = entry * LONGS;
    translations[at] = translation.fromHigh;
    translations[at + 1] = translation.fromLow;
    translations[at + 2] = translation.toHigh;
    translations[at + 3] = translation.toLow;
    translations[at + 4] = translation.backend;
    translations[at + 5] = translation.clientMac;
    if (held != null) {
      held.release(key, true);
    }
    return identificationOf[entry];
  }

  /**
   * What was made of a later fragment's first one.
   *
   * @param out changed if it is known
   * @return the new identification, or a negative number if it is not known
   */
  int later(PacketHeaders headers, long nowNanos, Translation out) {
    key.set(headers);
    int entry = table.find(key, nowNanos);
    if (entry == FragmentTable.NONE) {
      return FragmentTable.NONE;
    }
    int at = entry * LONGS;
    out.family = headers.flow.family;
    out.fromHigh = translations[at];
    out.fromLow = translations[at + 1];
    out.toHigh = translations[at + 2];
    out.toLow = translations[at + 3];
    out.backend = translations[at + 4];
    out.clientMac = translations[at + 5];
    return identificationOf[entry];
  }

  /** Holds the fragment that {@link #later} was just asked about, if somebody does. */
  boolean hold(long packet, int length, long nowNanos) {
    return held != null && held.hold(key, packet, length, nowNanos);
  }

  /** Forgets what has become too old. */
  void sweep(long nowNanos, int most) {
    table.expire(nowNanos, most);
    if (held != null) {
      held.expire(nowNanos);
    }
  }
}
