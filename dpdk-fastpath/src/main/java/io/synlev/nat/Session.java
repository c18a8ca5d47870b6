package io.synlev.nat;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;

/**
 * One session: what is where in memory. In the machine's byte order; begins at a cache line.
 *
 * <pre>
 *   offset bytes
 *        0     4  version: odd while the session is free or its identity changes
 *        4     4  the next session in its chain; of a free one, the next free one
 *        8     8  client's port &lt;&lt; 48 | VIP's &lt;&lt; 32 | family &lt;&lt; 8 | protocol
 *       16    32  IPv4: client &lt;&lt; 32 | VIP; IPv6: client, VIP, 16 bytes each
 *       48     4  when it was noted last, by its worker
 *       52     4  when another worker used it last, or its own noted it, if that was later
 *       56     2  source port
 *       58     2  backend's port
 *       60     1  source address: its place in {@link Sources}
 *       61     1  {@link SessionState}
 *       62     1  what was seen: {@link SessionState}'s flags
 *       63     1  unused
 *   --- next cache line
 *        0    16  backend's address; IPv4 in the last 8
 *       16     8  backend's number
 *       24     8  Ethernet address of the client's side
 *       32     8  when it began, in ns of {@link System#nanoTime()}
 *       40     4  the next older session of its {@link AgeLists list}
 *       44     4  the next younger one
 *       48     4  hash
 *       52    12  unused
 * </pre>
 *
 * <p>Sessions are numbered from 1; 0 is none. Times of 4 bytes are ticks of 2^20 ns, modulo 2^32.
 *
 * <p>The worker that owns the table writes; {@link SessionReader} says how others read. Hot:
 * nothing but memory accesses.
 */
final class Session {

  static final int BYTES = 128;

  static final int VERSION = 0;
  static final int NEXT = 4;
  static final int TRANSPORT = 8;
  static final int ADDRESSES = 16;
  static final int NOTED = 48;
  static final int BORROWED = 52;
  static final int SOURCE_PORT = 56;
  static final int BACKEND_PORT = 58;
  static final int SOURCE = 60;
  static final int STATE = 61;
  static final int SEEN = 62;
  static final int BACKEND = 64;
  static final int NUMBER = 80;
  static final int MAC = 88;
  static final int BORN = 96;
  static final int OLDER = 104;
  static final int YOUNGER = 108;
  static final int HASH = 112;

  private static final int TICK_SHIFT = 20;

  private Session() {}

  /** A time in ticks. */
  static int tick(long nanos) {
    return (int) (nanos >>> TICK_SHIFT);
  }

  /** The same of a duration in whole seconds, at most 24 days. */
  static int ticks(int seconds) {
    return (int) (seconds * 1_000_000_000L >>> TICK_SHIFT);
  }

  /** Notes that it is used. */
  static void note(long session, int tick) {
    Memory.putInt(session, NOTED, tick);
    Memory.putInt(session, BORROWED, tick);
  }

  static int next(long session) {
    return Memory.getInt(session, NEXT);
  }

  static int state(long session) {
    return Memory.getUnsignedByte(session, STATE);
  }

  static int seen(long session) {
    return Memory.getUnsignedByte(session, SEEN);
  }

  static int source(long session) {
    return Memory.getUnsignedByte(session, SOURCE);
  }

  static int sourcePort(long session) {
    return Memory.getUnsignedShort(session, SOURCE_PORT);
  }

  static int family(long session) {
    return Memory.getUnsignedByte(session, TRANSPORT + 1);
  }

  static int protocol(long session) {
    return Memory.getUnsignedByte(session, TRANSPORT);
  }

  /**
   * When it was used last, by any worker.
   *
   * @param tick now
   * @return ticks since then, not negative although other threads' clocks may be a little ahead
   */
  static int idle(long session, int tick) {
    int noted = tick - Memory.getInt(session, NOTED);
    int borrowed = tick - Memory.getInt(session, BORROWED);
    return Math.max(0, Math.min(noted, borrowed));
  }

  /** Whether it is the one of a flow from client to VIP. */
  static boolean isOf(long session, FlowKey flow) {
    if (Memory.getLong(session, TRANSPORT) != transport(flow)) {
      return false;
    }
    long first = Memory.getLong(session, ADDRESSES);
    if (flow.family == FlowKey.IPV4) {
      return first == (flow.sourceLow << 32 | flow.destinationLow);
    }
    return first == flow.sourceHigh
        && Memory.getLong(session, ADDRESSES + 8) == flow.sourceLow
        && Memory.getLong(session, ADDRESSES + 16) == flow.destinationHigh
        && Memory.getLong(session, ADDRESSES + 24) == flow.destinationLow;
  }

  static void putFlow(long session, FlowKey flow) {
    Memory.putLong(session, TRANSPORT, transport(flow));
    if (flow.family == FlowKey.IPV4) {
      Memory.putLong(session, ADDRESSES, flow.sourceLow << 32 | flow.destinationLow);
      return;
    }
    Memory.putLong(session, ADDRESSES, flow.sourceHigh);
    Memory.putLong(session, ADDRESSES + 8, flow.sourceLow);
    Memory.putLong(session, ADDRESSES + 16, flow.destinationHigh);
    Memory.putLong(session, ADDRESSES + 24, flow.destinationLow);
  }

  /** Whether a packet from somewhere is from its backend, address and port. */
  static boolean isFromBackend(long session, FlowKey flow) {
    return Memory.getLong(session, BACKEND) == flow.sourceHigh
        && Memory.getLong(session, BACKEND + 8) == flow.sourceLow
        && Memory.getUnsignedShort(session, BACKEND_PORT) == flow.ports >>> 16;
  }

  private static long transport(FlowKey flow) {
    return (long) flow.ports << 32 | flow.family << 8 | flow.protocol;
  }
}
