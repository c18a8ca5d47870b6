package io.synlev.fastpath;

import io.synlev.datapath.OwnFlows;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;

/**
 * Eight flows whose hashes name the same place: what is where in memory. In the machine's byte
 * order; a bucket begins at a cache line.
 *
 * <pre>
 *   offset bytes
 *        0     8  tags, a byte for each flow: 0x80 and 7 bits of its hash; 0 where the place is free
 *        8     8  states, a byte for each flow: {@link FlowState}
 *       16    32  when each was seen last, 4 bytes, in ticks of 2^20 ns, modulo 2^32
 *       48     8  a byte for each flow: 1 if it is counted, {@link CountedFlows}
 *       56     8  unused
 *   --- elsewhere, {@link FlowMemory}: eight keys, each a cache line
 *        0     8  the backend's number, and a bit of {@link CountedFlows}; 0 once the flow was ended
 *        8     8  ports &lt;&lt; 32 | family &lt;&lt; 8 | protocol
 *       16     8  IPv4: source &lt;&lt; 32 | destination; IPv6: the first half of the source
 *       24    24  IPv6: the rest of source and destination
 *       48    16  unused
 * </pre>
 *
 * <p>So a flow that is not known costs one cache line, and one that is known two. A key is compared
 * as a whole: what has the same hash is not taken for another flow.
 *
 * <p>The worker that owns the table writes; to forget a flow, others clear its number and state.
 * Others may read: a place is released by clearing its tag before its key changes, and taken by
 * setting it afterwards. Hot: nothing but memory accesses.
 */
final class FlowBucket {

  static final int PLACES = 8;
  static final int BYTES = 64;

  private static final int STATES = 8;
  private static final int SEEN = 16;
  private static final int COUNTED = 48;
  static final int KEY_BYTES = 64;
  private static final int PLACE_MASK = 7;

  private static final int NUMBER = 0;
  private static final int TRANSPORT = 8;
  private static final int ADDRESSES = 16;

  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long LOW_BITS = 0x7f7f_7f7f_7f7f_7f7fL;

  private FlowBucket() {}

  /** The tag of a hash. The bucket is named by the hash's highest bits, this by its lowest. */
  static int tag(int hash) {
    return hash & 0x7f | 0x80;
  }

  /** A bucket's tags. */
  static long tags(long bucket) {
    return Memory.getLong(bucket);
  }

  /**
   * The places with a tag, each as the highest bit of its byte.
   *
   * @param tag 0 for free places
   */
  static long matches(long tags, int tag) {
    long different = tags ^ tag * ONES;
    return ~((different & LOW_BITS) + LOW_BITS | different | LOW_BITS);
  }

  /** The first place of matches that are not 0. */
  static int first(long matches) {
    return Long.numberOfTrailingZeros(matches) >>> 3;
  }

  /** A place as one number that is not 0. */
  static long join(long bucket, int place) {
    return bucket | place;
  }

  static long bucket(long joined) {
    return joined & ~(long) PLACE_MASK;
  }

  static int place(long joined) {
    return (int) joined & PLACE_MASK;
  }

  static int tag(long bucket, int place) {
    return Memory.getByte(bucket + place) & 0xff;
  }

  static void putTag(long bucket, int place, int tag) {
    Memory.putByteRelease(bucket + place, (byte) tag);
  }

  static int state(long bucket, int place) {
    return Memory.getByte(bucket + STATES + place);
  }

  static void putState(long bucket, int place, int state) {
    Memory.putByte(bucket + STATES + place, (byte) state);
  }

  static boolean isCounted(long bucket, int place) {
    return Memory.getByte(bucket + COUNTED + place) != 0;
  }

  static void putCounted(long bucket, int place, boolean isCounted) {
    Memory.putByte(bucket + COUNTED + place, (byte) (isCounted ? 1 : 0));
  }

  static int seen(long bucket, int place) {
    return Memory.getInt(bucket + SEEN + 4L * place);
  }

  static void putSeen(long bucket, int place, int tick) {
    Memory.putInt(bucket + SEEN + 4L * place, tick);
  }

  /** A backend's number without the bit that says whether the flow is counted. */
  static long number(long key) {
    return Memory.getLong(key, NUMBER) & ~OwnFlows.COUNTED;
  }

  /** Whether a key is that of a flow. */
  static boolean isOf(long key, FlowKey flow) {
    if (Memory.getLong(key, TRANSPORT) != transport(flow)) {
      return false;
    }
    long first = Memory.getLong(key, ADDRESSES);
    if (flow.family == FlowKey.IPV4) {
      return first == (flow.sourceLow << 32 | flow.destinationLow);
    }
    return first == flow.sourceHigh
        && Memory.getLong(key, ADDRESSES + 8) == flow.sourceLow
        && Memory.getLong(key, ADDRESSES + 16) == flow.destinationHigh
        && Memory.getLong(key, ADDRESSES + 24) == flow.destinationLow;
  }

  /** The same for a flow of a burst. */
  static boolean isOf(long key, FlowBurst flows, int i) {
    int family = flows.family[i];
    return Memory.getLong(key, TRANSPORT) == transport(flows.ports[i], family, flows.protocol[i])
        && (family == FlowKey.IPV4
            ? Memory.getLong(key, ADDRESSES) == (flows.sourceLow[i] << 32 | flows.destinationLow[i])
            : hasIpv6(key, flows, i));
  }

  private static boolean hasIpv6(long key, FlowBurst flows, int i) {
    return Memory.getLong(key, ADDRESSES) == flows.sourceHigh[i]
        && Memory.getLong(key, ADDRESSES + 8) == flows.sourceLow[i]
        && Memory.getLong(key, ADDRESSES + 16) == flows.destinationHigh[i]
        && Memory.getLong(key, ADDRESSES + 24) == flows.destinationLow[i];
  }

  static void putKey(long key, FlowKey flow) {
    Memory.putLong(key, TRANSPORT, transport(flow));
    if (flow.family == FlowKey.IPV4) {
      Memory.putLong(key, ADDRESSES, flow.sourceLow << 32 | flow.destinationLow);
      return;
    }
    Memory.putLong(key, ADDRESSES, flow.sourceHigh);
    Memory.putLong(key, ADDRESSES + 8, flow.sourceLow);
    Memory.putLong(key, ADDRESSES + 16, flow.destinationHigh);
    Memory.putLong(key, ADDRESSES + 24, flow.destinationLow);
  }

  /** The protocol of a key. */
  static int protocol(long key) {
    return (int) Memory.getLong(key, TRANSPORT) & 0xff;
  }

  static void readKey(long key, FlowKey out) {
    long transport = Memory.getLong(key, TRANSPORT);
    int ports = (int) (transport >>> 32);
    int protocol = (int) transport & 0xff;
    long first = Memory.getLong(key, ADDRESSES);
    if ((transport >>> 8 & 0xff) == FlowKey.IPV4) {
      out.ipv4((int) (first >>> 32), (int) first, protocol, ports);
    } else {
      out.ipv6(
          first,
          Memory.getLong(key, ADDRESSES + 8),
          Memory.getLong(key, ADDRESSES + 16),
          Memory.getLong(key, ADDRESSES + 24),
          protocol,
          ports);
    }
  }

  private static long transport(FlowKey flow) {
    return transport(flow.ports, flow.family, flow.protocol);
  }

  private static long transport(int ports, int family, int protocol) {
    return (long) ports << 32 | family << 8 | protocol;
  }
}
