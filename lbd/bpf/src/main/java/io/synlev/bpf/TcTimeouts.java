package io.synlev.bpf;

/**
 * How long flows live without a packet, in seconds, 1 to {@value #MOST}.
 *
 * @param tcpSyn a TCP connection of which only SYNs were seen
 * @param tcpEstablished any other TCP connection
 * @param tcpClosing a TCP connection after FIN or RST, unless data follows
 * @param udp a UDP flow
 * @param sctp an SCTP association
 */
public record TcTimeouts(int tcpSyn, int tcpEstablished, int tcpClosing, int udp, int sctp) {

  /** 24 days: times are kept modulo 52 days, and must compare. */
  public static final int MOST = 24 * 24 * 3600;

  /**
   * RFC 5382 (REQ-5) asks at least 2 h 4 min of established and 4 min of other TCP connections, RFC
   * 4787 (REQ-5) recommends 5 min for UDP; SYNs are repeated for about 2 min, and SCTP sends
   * heartbeats about every 30 s.
   */
  public static final TcTimeouts DEFAULT = new TcTimeouts(120, 7500, 240, 300, 300);

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException with the value and its range
   */
  public TcTimeouts {
    check("SYN", tcpSyn);
    check("established TCP", tcpEstablished);
    check("closing TCP", tcpClosing);
    check("UDP", udp);
    check("SCTP", sctp);
  }

  private static void check(String what, int seconds) {
    if (seconds < 1 || seconds > MOST) {
      throw new IllegalArgumentException(
          what + " timeout of " + seconds + " s is out of range: use 1 to " + MOST);
    }
  }

  /** Seconds in the unit in which the maps keep times, {@link FlowLayout#SEEN_SHIFT}. */
  static int ticks(int seconds) {
    return (int) (seconds * 1_000_000_000L >> FlowLayout.SEEN_SHIFT);
  }
}
