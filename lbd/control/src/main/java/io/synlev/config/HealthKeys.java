package io.synlev.config;

import java.util.List;

/** The keys of {@code health-check}, each read by {@link io.synlev.state.HealthCheck.Builder}. */
final class HealthKeys {
  private static final Form TIME = Form.textOrNumber("500ms, 2s, 5m", "^(0|[0-9]{1,8}(ms|s|m|h))$");
  private static final Form TEXT = Form.textOrNumber("a text", "^.+$");

  private HealthKeys() {}

  static List<Key> all() {
    return List.of(
        key(
            "kind",
            null,
            Form.choice("tcp", "http", "https", "udp", "icmp", "command"),
            "What is asked."),
        key(
            "via",
            "`forwarding`",
            Form.choice("forwarding", "direct"),
            "To the VIP by the way of clients' packets, or to the backend's own address."),
        key(
            "vip",
            "the first VIP of the pool's services",
            Form.text("an address", "^[0-9A-Fa-f:.]+$"),
            "The VIP that is asked."),
        key(
            "port",
            "80 or 443 for http and https, otherwise needed",
            Form.number(1, 65_535),
            "The port that is asked."),
        key("interval", "2s", TIME, "From the begin of a check to that of the next."),
        key("timeout", "1s", TIME, "How long an answer may take."),
        key("rise", "2", Form.number(1, 100), "Good answers in a row that bring a backend up."),
        key("fall", "3", Form.number(2, 100), "Bad ones in a row that bring it down."),
        key(
            "jitter",
            "10",
            Form.number(0, 50),
            "Percent by which an interval may be shorter, at random."),
        key("back-off", "10s", TIME, "Up to how long the interval of one that is down grows."),
        key(
            "all-down",
            "`keep`",
            Form.choice("keep", "drop"),
            "When no backend answers: keep the last ones in use, or none."),
        key("slow-start", "0", TIME, "How long one that came back takes to get all its weight."),
        key("path", "/", TEXT, "http, https: the page."),
        key("host", "the address that is asked", TEXT, "http, https: the Host."),
        key("status", "200-399", TEXT, "http, https: good codes, such as `200,204`."),
        key("body", "any", TEXT, "http, https: what the page must contain."),
        key("tls-name", "none", TEXT, "https: the server's name in TLS."),
        key("tls-verify", "`false`", Form.yes(), "https: whether its certificate must be trusted."),
        key("request", "none", TEXT, "udp, needed there: a text, or `hex:` and digits."),
        key("response", "any", TEXT, "udp: what the answer must contain, likewise."),
        key(
            "command",
            "none",
            Form.text("a path", "^/.+$"),
            "command, needed there: the program."));
  }

  private static Key key(String name, String usual, Form form, String what) {
    return new Key(Section.HEALTH_CHECK, name, usual, form, what);
  }
}
