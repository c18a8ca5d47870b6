package io.synlev.bpf;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.packet.IpProtocol;

/** After how many ticks of idleness a flow is dead; the program's rules. Immutable. */
final class IdleLimits {

  private final int tcpSyn;
  private final int tcpEstablished;
  private final int tcpClosing;
  private final int udp;
  private final int sctp;

  IdleLimits(FlowTimeouts timeouts) {
    tcpSyn = ticks(timeouts.tcpSyn());
    tcpEstablished = ticks(timeouts.tcpEstablished());
    tcpClosing = ticks(timeouts.tcpClosing());
    udp = ticks(timeouts.udp());
    sctp = ticks(timeouts.sctp());
  }

  /** Seconds in the unit in which the maps keep times, {@link FlowLayout#SEEN_SHIFT}. */
  static int ticks(int seconds) {
    return (int) (seconds * 1_000_000_000L >> FlowLayout.SEEN_SHIFT);
  }

  /**
   * Whether a flow is dead.
   *
   * @param idle ticks since its last packet; a clock may be a little ahead, so it may be negative
   * @param state of {@link FlowLayout}
   */
  boolean isOver(int idle, int protocol, int state, boolean isYoung) {
    return idle > limit(protocol, state, isYoung);
  }

  private int limit(int protocol, int state, boolean isYoung) {
    if (protocol == IpProtocol.TCP) {
      if ((state & FlowLayout.CLOSING) != 0) {
        return tcpClosing;
      }
      return isYoung ? tcpSyn : tcpEstablished;
    }
    return protocol == IpProtocol.UDP ? udp : sctp;
  }

  /** The program's settings behind the mode, in their order. */
  int[] inProgramOrder() {
    return new int[] {tcpSyn, tcpEstablished, tcpClosing, udp, sctp};
  }
}
