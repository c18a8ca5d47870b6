package io.synlev.state;

import io.synlev.state.HealthCheck.Exchange;
import io.synlev.state.HealthCheck.Kind;
import io.synlev.state.HealthCheck.Rhythm;
import io.synlev.state.HealthCheck.Via;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A health check as words by name: the one reader and writer of files, commands and the registry.
 */
final class HealthCheckWords {
  private static final int HOUR = 3_600_000;

  /** What holds where nothing is said. */
  private static final Map<String, String> USUAL = usual();

  /** What only some kinds have. */
  private static final Map<String, Set<Kind>> ONLY =
      Map.of(
          "path", Set.of(Kind.HTTP, Kind.HTTPS),
          "host", Set.of(Kind.HTTP, Kind.HTTPS),
          "status", Set.of(Kind.HTTP, Kind.HTTPS),
          "body", Set.of(Kind.HTTP, Kind.HTTPS),
          "tls-name", Set.of(Kind.HTTPS),
          "tls-verify", Set.of(Kind.HTTPS),
          "request", Set.of(Kind.UDP),
          "response", Set.of(Kind.UDP),
          "command", Set.of(Kind.COMMAND));

  private final Map<String, String> said = new LinkedHashMap<>();

  private static Map<String, String> usual() {
    Map<String, String> usual = new LinkedHashMap<>();
    usual.put("kind", "");
    usual.put("via", "forwarding");
    usual.put("vip", "");
    usual.put("port", "");
    usual.put("interval", "2s");
    usual.put("timeout", "1s");
    usual.put("rise", "2");
    usual.put("fall", "3");
    usual.put("jitter", "10");
    usual.put("back-off", "10s");
    usual.put("all-down", "keep");
    usual.put("slow-start", "0");
    usual.put("path", "/");
    usual.put("host", "");
    usual.put("status", "200-399");
    usual.put("body", "");
    usual.put("tls-name", "");
    usual.put("tls-verify", "false");
    usual.put("request", "");
    usual.put("response", "");
    usual.put("command", "");
    return usual;
  }

  /** All of a check that is not as usual, in order. */
  static Map<String, String> of(HealthCheck check) {
    Rhythm rhythm = check.rhythm();
    Exchange exchange = check.exchange();
    Map<String, String> all = new LinkedHashMap<>(USUAL);
    all.put("kind", check.kind().label());
    all.put("via", check.via().label());
    all.put("vip", check.vip() == null ? "" : Addresses.format(check.vip()));
    all.put("port", check.port() == 0 ? "" : Integer.toString(check.port()));
    all.put("interval", Durations.format(rhythm.intervalMillis()));
    all.put("timeout", Durations.format(rhythm.timeoutMillis()));
    all.put("rise", Integer.toString(rhythm.rise()));
    all.put("fall", Integer.toString(rhythm.fall()));
    all.put("jitter", Integer.toString(rhythm.jitterPercent()));
    all.put("back-off", Durations.format(rhythm.backOffMillis()));
    all.put("all-down", check.keepWhenAllDown() ? "keep" : "drop");
    all.put("slow-start", Durations.format(check.slowStartMillis()));
    all.put("path", exchange.path());
    all.put("host", exchange.host());
    all.put("status", exchange.status());
    all.put("body", exchange.body());
    all.put("tls-name", exchange.tlsName());
    all.put("tls-verify", Boolean.toString(exchange.tlsVerify()));
    all.put("request", exchange.request());
    all.put("response", exchange.response());
    all.put("command", exchange.command());
    all.entrySet().removeIf(each -> each.getValue().equals(USUAL.get(each.getKey())));
    return all;
  }

  void set(String field, String value) {
    switch (field) {
      case "kind" -> choice(field, value, "tcp", "http", "https", "udp", "icmp", "command");
      case "via" -> choice(field, value, "forwarding", "direct");
      case "vip" -> Addresses.parse(value);
      case "port" -> number(field, value, 1, PortRange.MAX);
      case "interval", "timeout" -> time(field, value, 10);
      case "back-off", "slow-start" -> time(field, value, 0);
      case "rise" -> number(field, value, 1, 100);
      case "fall" -> number(field, value, 2, 100);
      case "jitter" -> number(field, value, 0, 50);
      case "all-down" -> choice(field, value, "keep", "drop");
      case "tls-verify" -> choice(field, value, "true", "false");
      case "status" -> StatusSet.parse(value);
      case "path", "host" -> word(field, value);
      case "tls-name" -> hostName(field, value);
      case "body" -> text(field, value);
      case "request", "response" -> Payload.parse(value);
      case "command" -> absolute(value);
      default ->
          throw new StateException(
              "there is no '" + field + "' in a health check: there are " + USUAL.keySet());
    }
    said.put(field, value);
  }

  HealthCheck build() {
    if (!said.containsKey("kind")) {
      throw new StateException(
          "what is to be asked? Say kind: tcp, http, https, udp, icmp or command");
    }
    Kind kind = Kind.valueOf(get("kind").toUpperCase(Locale.ROOT));
    said.keySet().stream()
        .filter(field -> ONLY.containsKey(field) && !ONLY.get(field).contains(kind))
        .findFirst()
        .ifPresent(
            field -> {
              throw new StateException("a check by " + kind.label() + " has no " + field);
            });
    require(kind, Kind.UDP, "request", "what to send, a text or hex:... of bytes");
    require(kind, Kind.COMMAND, "command", "the path of a program");
    Via via = Via.valueOf(get("via").toUpperCase(Locale.ROOT));
    if (via == Via.DIRECT && said.containsKey("vip")) {
      throw new StateException("vip is for checks via forwarding: leave it out, or via: direct");
    }
    boolean tlsVerify = Boolean.parseBoolean(get("tls-verify"));
    if (tlsVerify && get("tls-name").isEmpty()) {
      throw new StateException("tls-verify needs tls-name: the name that the certificate is for");
    }
    return new HealthCheck(
        kind,
        via,
        get("vip").isEmpty() ? null : Addresses.parse(get("vip")),
        port(kind),
        new Rhythm(
            Durations.parseMillis(get("interval")),
            Durations.parseMillis(get("timeout")),
            Integer.parseInt(get("rise")),
            Integer.parseInt(get("fall")),
            Integer.parseInt(get("jitter")),
            Durations.parseMillis(get("back-off"))),
        get("all-down").equals("keep"),
        Durations.parseMillis(get("slow-start")),
        new Exchange(
            get("path"),
            get("host"),
            get("status"),
            get("body"),
            get("tls-name"),
            tlsVerify,
            get("request"),
            get("response"),
            get("command")));
  }

  private String get(String field) {
    return said.getOrDefault(field, USUAL.get(field));
  }

  private void require(Kind kind, Kind whose, String field, String what) {
    if (kind == whose && get(field).isEmpty()) {
      throw new StateException("a check by " + kind.label() + " needs " + field + ": " + what);
    }
  }

  private int port(Kind kind) {
    String port = get("port");
    if (!kind.hasPort()) {
      if (!port.isEmpty()) {
        throw new StateException("a check by " + kind.label() + " has no port: leave it out");
      }
      return 0;
    }
    if (port.isEmpty() && kind.usualPort() == 0) {
      throw new StateException("a check by " + kind.label() + " needs a port");
    }
    return port.isEmpty() ? kind.usualPort() : Integer.parseInt(port);
  }

  private static void choice(String field, String value, String... words) {
    if (!List.of(words).contains(value)) {
      throw new StateException(
          field + " '" + value + "': choose one of " + String.join(", ", words));
    }
  }

  private static void number(String field, String value, int least, int most) {
    boolean isNumber = value.matches("[0-9]{1,5}");
    if (!isNumber || Integer.parseInt(value) < least || Integer.parseInt(value) > most) {
      throw new StateException(
          field + " '" + value + "': choose a number from " + least + " to " + most);
    }
  }

  private static void time(String field, String value, int least) {
    int millis = Durations.parseMillis(value);
    if (millis < least || millis > HOUR) {
      throw new StateException(field + " " + value + ": choose from " + least + "ms to 1h");
    }
  }

  /** Goes into a line of HTTP or a name in TLS: nothing that could end it. */
  private static void word(String field, String value) {
    if (!value.matches("[!-~]{1,1000}")) {
      throw new StateException(field + " '" + value + "': ASCII without spaces is needed");
    }
  }

  /** What TLS can carry: RFC 6066, 3, and RFC 1123, 2.1. */
  private static void hostName(String field, String value) {
    String label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    if (value.length() > 253 || !value.matches(label + "([.]" + label + ")*")) {
      throw new StateException(field + " '" + value + "': a host's name is needed");
    }
  }

  private static void text(String field, String value) {
    if (value.isEmpty() || value.length() > 1000 || value.chars().anyMatch(c -> c < ' ')) {
      throw new StateException(field + ": a text of 1 to 1000 characters on one line is needed");
    }
  }

  private static void absolute(String value) {
    List<String> parts = new ArrayList<>(List.of(value.split("/", -1)));
    boolean isPlain = value.matches("/[!-~]{1,1000}") && !parts.contains("..");
    if (!isPlain || parts.indexOf("") != 0 || parts.lastIndexOf("") != 0) {
      throw new StateException(
          "command '" + value + "': an absolute path without '..' and '//' is needed, alone");
    }
  }
}
