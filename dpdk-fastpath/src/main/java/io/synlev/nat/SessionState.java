package io.synlev.nat;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.packet.IpProtocol;

/**
 * What a session's packets have told, as two bytes: the state, which says how long it may be idle,
 * and what was seen.
 *
 * <pre>
 *   TCP   client's packet --> YOUNG: stays so until the backend has answered and the client goes on
 *         YOUNG --------------------------------------> ESTABLISHED
 *         ESTABLISHED -- FIN of one side -------------> CLOSING
 *         ESTABLISHED, CLOSING -- FINs of both, RST --> TIME_WAIT
 *         TIME_WAIT after RST -- anything else -------> ESTABLISHED, CLOSING   (RFC 6146, 3.5.2.2)
 *         TIME_WAIT, YOUNG after RST -- client's SYN -> YOUNG, begun anew
 *   UDP   YOUNG -- a second packet, of any side ------> ESTABLISHED
 * </pre>
 *
 * <p>So a flood of forged packets makes young sessions only, which make room for others. A reset of
 * a young session, as a closed port answers it, leaves it young. Immutable; pure.
 */
final class SessionState {

  static final int YOUNG = 0;
  static final int ESTABLISHED = 1;
  static final int CLOSING = 2;
  static final int TIME_WAIT = 3;

  /** How many states there are. */
  static final int STATES = 4;

  /** The backend has answered with something else than a reset. */
  private static final int ANSWERED = 1;

  private static final int CLIENT_FIN = 2;
  private static final int BACKEND_FIN = 4;
  private static final int BOTH_FINS = CLIENT_FIN | BACKEND_FIN;
  private static final int RESET = 8;

  private static final int SEEN_SHIFT = 8;
  private static final int STATE_MASK = 0xff;

  private static final int FIN = 0x01;
  private static final int SYN = 0x02;
  private static final int RST = 0x04;
  private static final int ACK = 0x10;

  /** A session's time is noted anew after this part of what it may be idle: a sixteenth. */
  private static final int NOTED_SHIFT = 4;

  /** And after so many ticks, about 4 s, in any case. */
  private static final int NOTED_MOST = 1 << 12;

  private final int[] limits = new int[2 * STATES];
  private final int[] noted = new int[2 * STATES];

  SessionState(FlowTimeouts timeouts, int timeWait) {
    limit(IpProtocol.TCP, YOUNG, timeouts.tcpSyn());
    limit(IpProtocol.TCP, ESTABLISHED, timeouts.tcpEstablished());
    limit(IpProtocol.TCP, CLOSING, timeouts.tcpClosing());
    limit(IpProtocol.TCP, TIME_WAIT, timeWait);
    for (int state = 0; state < STATES; state++) {
      limit(IpProtocol.UDP, state, timeouts.udp());
    }
  }

  private void limit(int protocol, int state, int seconds) {
    int ticks = Session.ticks(seconds);
    int at = index(protocol, state);
    noted[at] = Math.min(ticks >>> NOTED_SHIFT, NOTED_MOST);
    limits[at] = ticks + noted[at];
  }

  private static int index(int protocol, int state) {
    return (protocol == IpProtocol.UDP ? STATES : 0) + (state & STATES - 1);
  }

  /** Whether a session has been idle for so many ticks that it is over. */
  boolean isOver(int protocol, int state, int idle) {
    return idle > limits[index(protocol, state)];
  }

  /** Whether so many ticks after it was noted, a packet is to be noted again. */
  boolean isNoteworthy(int protocol, int state, int ticks) {
    return ticks >= noted[index(protocol, state)];
  }

  /** The longest that any session may be idle, in ticks. */
  int longest() {
    int longest = 0;
    for (int limit : limits) {
      longest = Math.max(longest, limit);
    }
    return longest;
  }

  /** State and what was seen as one number. */
  static int join(int state, int seen) {
    return seen << SEEN_SHIFT | state;
  }

  static int state(int joined) {
    return joined & STATE_MASK;
  }

  static int seen(int joined) {
    return joined >>> SEEN_SHIFT;
  }

  /** After a further UDP packet. */
  static int nextUdp(int joined) {
    return joined & ~STATE_MASK | ESTABLISHED;
  }

  /** After a further TCP packet. */
  static int nextTcp(int joined, int tcpFlags, boolean isFromClient) {
    int state = state(joined);
    int seen = seen(joined);
    if ((tcpFlags & RST) != 0) {
      return join(state == YOUNG ? YOUNG : TIME_WAIT, seen | RESET);
    }
    seen &= ~RESET;
    if (!isFromClient) {
      seen |= ANSWERED;
    } else if (state == YOUNG && (seen & ANSWERED) != 0 && (tcpFlags & SYN) == 0) {
      state = ESTABLISHED;
    }
    if ((tcpFlags & FIN) != 0) {
      seen |= isFromClient ? CLIENT_FIN : BACKEND_FIN;
    }
    if (state == YOUNG) {
      return join(YOUNG, seen);
    }
    int fins = seen & BOTH_FINS;
    return join(fins == BOTH_FINS ? TIME_WAIT : fins != 0 ? CLOSING : ESTABLISHED, seen);
  }

  /** What was seen after a session's first packet, of its client. */
  static int firstSeen(int tcpFlags) {
    return (tcpFlags & FIN) != 0 ? CLIENT_FIN : 0;
  }

  /** The state of a young session of which another worker has translated a packet. */
  static int afterBorrowing(int protocol) {
    return protocol == IpProtocol.UDP ? ESTABLISHED : YOUNG;
  }

  /** Whether a packet lets the time of a session that has closed begin anew. */
  static boolean prolongs(int state, int tcpFlags) {
    return state != TIME_WAIT || (tcpFlags & FIN) != 0;
  }

  /** Whether a client's SYN begins a session anew, since its connection has ended. */
  static boolean hasEnded(int state, int seen) {
    return state == TIME_WAIT || (seen & RESET) != 0;
  }

  /** Whether a packet begins a connection. */
  static boolean isSyn(int tcpFlags) {
    return (tcpFlags & (SYN | ACK | RST)) == SYN;
  }

  /** Whether a packet says that there is no such connection. */
  static boolean isReset(int tcpFlags) {
    return (tcpFlags & RST) != 0;
  }
}
