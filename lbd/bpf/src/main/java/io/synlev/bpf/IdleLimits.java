package io.synlev.bpf;

import io.synlev.packet.IpProtocol;

/** After how many ticks of idleness a flow is dead; the program's rules. Immutable. */
final class IdleLimits {

  private final int tcpSyn;
  private final int tcpEstablished;
  private final int tcpClosing;
  private final int udp;
  private final int sctp;

  IdleLimits(TcTimeouts timeouts) {
    tcpSyn = TcTimeouts.ticks(timeouts.tcpSyn());
    tcpEstablished = TcTimeouts.ticks(timeouts.tcpEstablished());
    tcpClosing = TcTimeouts.ticks(timeouts.tcpClosing());
    udp = TcTimeouts.ticks(timeouts.udp());
    sctp = TcTimeouts.ticks(timeouts.sctp());
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
