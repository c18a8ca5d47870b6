package io.synlev.magctl;

import io.synlev.control.ControlException;
import io.synlev.datapath.Action;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;

/**
 * A packet of a trace, as the daemon tells it.
 *
 * @param epochNanos when it was decided, in nanoseconds since 1970-01-01 UTC
 * @param queue which queue it came by; null if by none
 * @param action what is done with it
 * @param mark the mark that it got; 0 for none
 * @param reason the reason's label
 * @param service null for none, or if that is not known
 * @param pool null without a backend
 * @param backend null for none
 * @param generation of the table that was asked; null if none was
 * @param hash of its flow; null likewise
 * @param slot that the hash names; null likewise
 * @param bytes what was kept of it, from the IP header on
 */
record TraceRecord(
    long epochNanos,
    Long queue,
    Action action,
    int mark,
    String reason,
    String service,
    String pool,
    String backend,
    Long generation,
    Long hash,
    Long slot,
    byte[] bytes) {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /**
   * Reads one.
   *
   * @throws ControlException if it is none
   */
  static TraceRecord of(Object answer) {
    if (!(answer instanceof Map<?, ?> members)) {
      throw new ControlException("what lbd says of a packet is not understood: " + answer);
    }
    try {
      return new TraceRecord(
          number(members, "time"),
          number(members, "queue"),
          Action.valueOf(text(members, "action").toUpperCase(Locale.ROOT)),
          members.get("mark") == null ? 0 : number(members, "mark").intValue(),
          text(members, "reason"),
          text(members, "service"),
          text(members, "pool"),
          text(members, "backend"),
          number(members, "generation"),
          number(members, "hash"),
          number(members, "slot"),
          Base64.getDecoder().decode(text(members, "bytes")));
    } catch (IllegalArgumentException | NullPointerException | ClassCastException e) {
      throw new ControlException("what lbd says of a packet is not understood: " + answer, e);
    }
  }

  private static Long number(Map<?, ?> members, String name) {
    Number number = (Number) members.get(name);
    return number == null ? null : number.longValue();
  }

  private static String text(Map<?, ?> members, String name) {
    return (String) members.get(name);
  }

  Instant time() {
    return Instant.ofEpochSecond(epochNanos / NANOS_PER_SECOND, epochNanos % NANOS_PER_SECOND);
  }

  /** What was decided, as a packet's comment. */
  String comment() {
    StringBuilder text = new StringBuilder(action.name().toLowerCase(Locale.ROOT));
    if (action == Action.MARK) {
      text.append(' ').append(Text.hex(mark));
    }
    append(text, "backend", backend);
    append(text, "pool", pool);
    append(text, "service", service);
    append(text, "reason", reason);
    append(text, "generation", generation);
    append(text, "hash", hash == null ? null : "0x" + Long.toHexString(hash));
    append(text, "slot", slot);
    append(text, "queue", queue);
    return text.toString();
  }

  private static void append(StringBuilder text, String name, Object value) {
    if (value != null) {
      text.append(", ").append(name).append(' ').append(value);
    }
  }
}
