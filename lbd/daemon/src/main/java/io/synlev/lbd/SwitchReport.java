package io.synlev.lbd;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A switch of the datapath, as it is or was.
 *
 * @param from the datapath that served
 * @param to the one that was to serve
 * @param begun when it was asked for
 * @param step what is being done; null when it is over
 * @param failure why it failed; null if it did not, or is not over
 * @param preparedMicros how long it took until the new one could begin; -1 before
 * @param gapMicros how long neither took packets, at most; 0 if one always did; -1 before
 * @param togetherMicros how long both served; -1 before
 * @param flows how many flows were carried over to the new one's table
 */
record SwitchReport(
    String from,
    String to,
    Instant begun,
    String step,
    String failure,
    long preparedMicros,
    long gapMicros,
    long togetherMicros,
    long flows) {

  static SwitchReport begun(String from, String to, Instant now, String step) {
    return new SwitchReport(from, to, now, step, null, -1, -1, -1, 0);
  }

  SwitchReport at(String next) {
    return new SwitchReport(
        from, to, begun, next, failure, preparedMicros, gapMicros, togetherMicros, flows);
  }

  SwitchReport prepared(long micros, long carried) {
    return new SwitchReport(
        from, to, begun, step, failure, micros, gapMicros, togetherMicros, carried);
  }

  SwitchReport done(long gap, long together) {
    return new SwitchReport(from, to, begun, null, null, preparedMicros, gap, together, flows);
  }

  SwitchReport failed(String why) {
    return new SwitchReport(
        from, to, begun, null, why, preparedMicros, gapMicros, togetherMicros, flows);
  }

  boolean isOver() {
    return step == null;
  }

  /** For the control socket. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("from", from);
    map.put("to", to);
    map.put("begun", begun.toString());
    map.put("step", step);
    map.put("failure", failure);
    map.put("preparedMicros", preparedMicros);
    map.put("gapMicros", gapMicros);
    map.put("togetherMicros", togetherMicros);
    map.put("flows", flows);
    return map;
  }
}
