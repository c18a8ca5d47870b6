package io.synlev.lbd;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a daemon came by its queues, if another one had them.
 *
 * @param formerPid the process that served before
 * @param how in a word
 * @param at when the first packets were read
 * @param gapMicros the longest time that a queue was not read, in microseconds; -1 if nobody knows
 */
record TakeOverReport(long formerPid, How how, Instant at, long gapMicros) {

  /** How the queues came. */
  enum How {
    /** From process to process, always bound. */
    HANDED_OVER("handed-over"),

    /** The other one died after it had passed its sockets, and before it was done. */
    LEFT_BEHIND("left-behind"),

    /** Let go by the other one, which was ended, and bound again. */
    BOUND_AGAIN("bound-again");

    private final String word;

    How(String word) {
      this.word = word;
    }
  }

  /** As {@code status} tells it. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("formerPid", formerPid);
    map.put("how", how.word);
    map.put("at", at.toString());
    map.put("gapMicros", gapMicros);
    return map;
  }

  @Override
  public String toString() {
    String what =
        switch (how) {
          case HANDED_OVER -> "took over from process %d, queues stayed bound";
          case LEFT_BEHIND ->
              "took over from process %d, which died meanwhile; queues stayed bound";
          case BOUND_AGAIN -> "replaced process %d, which let its queues go; they were bound again";
        };
    return what.formatted(formerPid)
        + (gapMicros < 0 ? "" : " and were not read for %,d us".formatted(gapMicros));
  }
}
