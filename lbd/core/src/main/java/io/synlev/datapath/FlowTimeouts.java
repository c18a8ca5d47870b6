package io.synlev.datapath;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long flows live without a packet, in seconds, 1 to {@value #MOST}.
 *
 * @param tcpSyn a TCP connection of which only SYNs were seen
 * @param tcpEstablished any other TCP connection
 * @param tcpClosing a TCP connection after FIN or RST; with tc, unless data follows
 * @param udp a UDP flow
 * @param sctp an SCTP association
 */
public record FlowTimeouts(int tcpSyn, int tcpEstablished, int tcpClosing, int udp, int sctp) {

  /** 24 days: tables keep times modulo 52 days, and must compare. */
  public static final int MOST = 24 * 24 * 3600;

  /**
   * RFC 5382 (REQ-5) asks at least 2 h 4 min of established and 4 min of other TCP connections, RFC
   * 4787 (REQ-5) recommends 5 min for UDP; SYNs are repeated for about 2 min, and SCTP sends
   * heartbeats about every 30 s.
   */
  public static final FlowTimeouts DEFAULT = new FlowTimeouts(120, 7500, 240, 300, 300);

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException with the value and its range
   */
  public FlowTimeouts {
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

  /**
   * Reads kinds and seconds as people write them: {@code syn=120,tcp=7500}; the rest is the
   * default's.
   *
   * @throws IllegalArgumentException with the part that is wrong
   */
  public static FlowTimeouts parse(String text) {
    Map<String, Integer> seconds = DEFAULT.byKind();
    for (String part : text.split(",")) {
      int equals = part.indexOf('=');
      String kind = equals < 0 ? part : part.substring(0, equals);
      if (equals < 0 || !seconds.containsKey(kind)) {
        throw new IllegalArgumentException(
            "'%s' is no KIND=SECONDS with KIND of %s"
                .formatted(part, String.join(", ", seconds.keySet())));
      }
      try {
        seconds.put(kind, Integer.parseInt(part.substring(equals + 1)));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + part + "': give whole seconds");
      }
    }
    return new FlowTimeouts(
        seconds.get("syn"),
        seconds.get("tcp"),
        seconds.get("closing"),
        seconds.get("udp"),
        seconds.get("sctp"));
  }

  /** All kinds and their seconds, as {@link #parse} reads them. */
  public String text() {
    StringBuilder text = new StringBuilder();
    byKind()
        .forEach(
            (kind, seconds) ->
                text.append(text.isEmpty() ? "" : ",").append(kind).append('=').append(seconds));
    return text.toString();
  }

  private Map<String, Integer> byKind() {
    Map<String, Integer> seconds = new LinkedHashMap<>();
    seconds.put("syn", tcpSyn);
    seconds.put("tcp", tcpEstablished);
    seconds.put("closing", tcpClosing);
    seconds.put("udp", udp);
    seconds.put("sctp", sctp);
    return seconds;
  }
}
