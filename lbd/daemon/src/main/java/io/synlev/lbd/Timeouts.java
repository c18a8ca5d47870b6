package io.synlev.lbd;

import io.synlev.bpf.TcTimeouts;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long idle flows are known, as people write it: {@code syn=120,tcp=7500}; the rest stays. */
final class Timeouts {

  private Timeouts() {}

  /**
   * Reads kinds and seconds.
   *
   * @throws IllegalArgumentException with the part that is wrong
   */
  static TcTimeouts parse(String text) {
    Map<String, Integer> seconds = byKind(TcTimeouts.DEFAULT);
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
    return new TcTimeouts(
        seconds.get("syn"),
        seconds.get("tcp"),
        seconds.get("closing"),
        seconds.get("udp"),
        seconds.get("sctp"));
  }

  /** All kinds and their seconds, as {@link #parse} reads them. */
  static String format(TcTimeouts timeouts) {
    StringBuilder text = new StringBuilder();
    byKind(timeouts)
        .forEach(
            (kind, seconds) ->
                text.append(text.isEmpty() ? "" : ",").append(kind).append('=').append(seconds));
    return text.toString();
  }

  private static Map<String, Integer> byKind(TcTimeouts timeouts) {
    Map<String, Integer> seconds = new LinkedHashMap<>();
    seconds.put("syn", timeouts.tcpSyn());
    seconds.put("tcp", timeouts.tcpEstablished());
    seconds.put("closing", timeouts.tcpClosing());
    seconds.put("udp", timeouts.udp());
    seconds.put("sctp", timeouts.sctp());
    return seconds;
  }
}
