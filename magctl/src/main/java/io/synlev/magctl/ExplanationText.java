package io.synlev.magctl;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Map;

/** An explanation for people and for programs. */
final class ExplanationText {
  private ExplanationText() {}

  /** Step by step. */
  static String full(Explanation of, int markMask) {
    Decision decision = of.decision();
    StringBuilder text = new StringBuilder(of.packet()).append('\n');
    line(text, "kind", of.kind());
    if (of.about() != null) {
      line(text, "about", of.about() + ", the flow of the packet inside");
    }
    if (of.service() == null) {
      line(text, "service", "none" + (of.destination() == null ? "" : ": " + missing(of)));
      of.near().forEach(near -> line(text, "near", near));
    } else {
      text.append(
          TableAnswer.serviceLine(of.service(), of.table() == null ? null : of.table().vip()));
    }
    if (of.table() != null) {
      text.append(of.table().tableLines(of.ipv4()));
    } else if (of.backend() != null) {
      text.append(TableAnswer.backendLine(of.backend(), of.ipv4()));
    }
    line(text, "verdict", verdict(decision, markMask));
    line(text, "reason", decision.reason.label() + ": " + decision.reason.sentence());
    of.notes().forEach(note -> line(text, "note", note));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  ").append(Text.left(name, 12)).append(value).append('\n');
  }

  private static String missing(Explanation of) {
    if (of.near().isEmpty()) {
      return of.destination() + " lies in no VIP ('magctl service list')";
    }
    return of.destination() + " is a VIP, but no service there is for this packet";
  }

  private static String verdict(Decision decision, int markMask) {
    return switch (decision.action) {
      case ACCEPT -> "accept, its mark untouched";
      case DROP -> "drop";
      case MARK ->
          "accept with mark " + Text.hex(decision.mark) + " in the bits " + Text.hex(markMask);
    };
  }

  /** On one line: {@code tcp 192.0.2.1:1 > 10.0.0.0:80 [S] -> web s3 0xd, forwarded-tcp}. */
  static String line(Explanation of) {
    return of.packet()
        + outcome(
            of.decision().action,
            of.decision().mark,
            of.service() == null ? null : of.service().name(),
            of.isForwarded() ? of.backend() == null ? "?" : of.backend().name() : null,
            of.decision().reason.label());
  }

  /**
   * What was decided, on the rest of a line.
   *
   * @param service null for none
   * @param backend null for none
   */
  static String outcome(Action action, int mark, String service, String backend, String reason) {
    String where =
        backend == null
            ? action.name().toLowerCase(Locale.ROOT)
            : (service == null ? "" : service + " ") + backend;
    return " -> " + where + (action == Action.MARK ? " " + Text.hex(mark) : "") + ", " + reason;
  }

  /** All of it as an object. */
  static Map<String, Object> json(Explanation of, SteeringAssumptions assumptions) {
    Decision decision = of.decision();
    Map<String, Object> object =
        Json.object(
            "packet",
            of.packet(),
            "length",
            of.length(),
            "kind",
            of.kind(),
            "about",
            of.about(),
            "service",
            of.service() == null ? null : of.service().name(),
            "near",
            of.near(),
            "vip",
            null,
            "pool",
            of.service() == null ? null : of.service().pool(),
            "generation",
            null,
            "hashedOn",
            null,
            "hash",
            null,
            "slot",
            null,
            "backend",
            of.backend() == null ? null : of.backend().name(),
            "fwmark",
            of.backend() == null ? null : Integer.toUnsignedLong(of.backend().fwmark()),
            "address",
            address(of),
            "action",
            decision.action.name().toLowerCase(Locale.ROOT),
            "mark",
            decision.action == Action.MARK ? Integer.toUnsignedLong(decision.mark) : null,
            "reason",
            decision.reason.label(),
            "sentence",
            decision.reason.sentence(),
            "notes",
            of.notes(),
            "released",
            of.released(),
            "options",
            assumptions.isAsked() ? "lbd" : "defaults");
    if (of.table() != null) {
      of.table().putInto(object);
    }
    return object;
  }

  private static String address(Explanation of) {
    if (of.backend() == null) {
      return null;
    }
    InetAddress address = of.ipv4() ? of.backend().ipv4() : of.backend().ipv6();
    return address == null ? null : Addresses.format(address);
  }
}
