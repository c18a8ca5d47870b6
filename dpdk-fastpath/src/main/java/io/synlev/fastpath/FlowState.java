package io.synlev.fastpath;

import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.FlowTimeouts;
import io.synlev.packet.IpProtocol;

/**
 * What a flow's packets have told, as a number in its bucket, and how long it may be idle then.
 *
 * <p>A flow is young until a packet shows that its client has had an answer, or at least goes on:
 * young flows make room first. Immutable; pure.
 */
final class FlowState {

  /** Ended on request: over as soon as a tick has passed. */
  static final int FORGOTTEN = 0;

  /** Only SYNs so far, or a single packet of a connection that began before. */
  static final int TCP_FIRST = 1;

  static final int TCP = 2;

  /** FIN or RST was seen. */
  static final int TCP_CLOSING = 3;

  static final int UDP_FIRST = 4;
  static final int UDP = 5;
  static final int SCTP_FIRST = 6;
  static final int SCTP = 7;

  private static final int STATES = 8;

  /** A tick is 2^20 ns, about a millisecond. */
  static final int TICK_SHIFT = 20;

  private static final int FIN = 0x01;
  private static final int SYN = 0x02;
  private static final int RST = 0x04;
  private static final int ACK = 0x10;
  private static final int YOUNG =
      1 << TCP_FIRST | 1 << TCP_CLOSING | 1 << UDP_FIRST | 1 << SCTP_FIRST;

  private final int[] limits = new int[STATES];

  FlowState(FlowTimeouts timeouts) {
    limits[FORGOTTEN] = 0;
    limits[TCP_FIRST] = ticks(timeouts.tcpSyn());
    limits[TCP] = ticks(timeouts.tcpEstablished());
    limits[TCP_CLOSING] = ticks(timeouts.tcpClosing());
    limits[UDP_FIRST] = ticks(timeouts.udp());
    limits[UDP] = ticks(timeouts.udp());
    limits[SCTP_FIRST] = ticks(timeouts.sctp());
    limits[SCTP] = ticks(timeouts.sctp());
  }

  private static int ticks(int seconds) {
    return (int) (seconds * 1_000_000_000L >> TICK_SHIFT);
  }

  static int tick(long nanos) {
    return (int) (nanos >>> TICK_SHIFT);
  }

  /**
   * Whether a flow has been idle for too long.
   *
   * @param idle ticks since its last packet, unsigned
   */
  boolean isOver(int state, int idle) {
    return Integer.compareUnsigned(idle, limits[state & STATES - 1]) > 0;
  }

  /**
   * Whether a packet is of the flow: not idle for too long, and no SYN where a connection closed.
   *
   * @param idle as for {@link #isOver}
   */
  boolean isLive(int state, int idle, int tcpFlags) {
    return !isOver(state, idle) && !(state == TCP_CLOSING && isSyn(tcpFlags));
  }

  /** Whether it makes room before others. */
  static boolean isYoung(int state) {
    return (YOUNG >>> state & 1) != 0;
  }

  /** The state after a flow's first packet. */
  static int first(int protocol, int tcpFlags) {
    return switch (protocol) {
      case IpProtocol.TCP -> (tcpFlags & (FIN | RST)) != 0 ? TCP_CLOSING : TCP_FIRST;
      case IpProtocol.UDP -> UDP_FIRST;
      default -> SCTP_FIRST;
    };
  }

  /** The state of a flow that somebody else has carried so far. */
  static int of(FlowRecord record) {
    int first = first(record.flow.protocol, record.isClosing ? FIN : 0);
    return record.isYoung || record.isClosing ? first : next(first, 0);
  }

  /** The state after a further packet. */
  static int next(int state, int tcpFlags) {
    return switch (state) {
      case TCP_FIRST ->
          (tcpFlags & (FIN | RST)) != 0 ? TCP_CLOSING : (tcpFlags & SYN) != 0 ? TCP_FIRST : TCP;
      case TCP -> (tcpFlags & (FIN | RST)) != 0 ? TCP_CLOSING : TCP;
      // Only in one burst with the end: later on, a SYN does not find the flow.
      case TCP_CLOSING -> isSyn(tcpFlags) ? first(IpProtocol.TCP, tcpFlags) : TCP_CLOSING;
      case UDP_FIRST -> UDP;
      case SCTP_FIRST -> SCTP;
      default -> state;
    };
  }

  /** Whether the packet begins a connection. */
  static boolean isSyn(int tcpFlags) {
    return (tcpFlags & (SYN | ACK | RST)) == SYN;
  }

  /** Whether a packet may end a connection or begin one. */
  static boolean isTurning(int tcpFlags) {
    return (tcpFlags & (FIN | SYN | RST)) != 0;
  }

  /** Whether the packet says that there is no such connection. */
  static boolean isReset(int tcpFlags) {
    return (tcpFlags & RST) != 0;
  }

  /** For people. */
  static String word(int state) {
    return switch (state) {
      case TCP_CLOSING -> "closing";
      case TCP_FIRST, UDP_FIRST, SCTP_FIRST -> "new";
      default -> "established";
    };
  }
}
