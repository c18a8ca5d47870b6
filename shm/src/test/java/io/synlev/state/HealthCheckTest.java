package io.synlev.state;

import static io.synlev.state.StateFixture.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.HealthCheck.Kind;
import io.synlev.state.HealthCheck.Rhythm;
import io.synlev.state.HealthCheck.Via;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HealthCheckTest {
  private static HealthCheck check(String... namesAndValues) {
    HealthCheck.Builder check = HealthCheck.builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      check.set(namesAndValues[i], namesAndValues[i + 1]);
    }
    return check.build();
  }

  /** As docs/configuration.md says. */
  @Test
  void shouldHaveWhatIsUsualWhereNothingIsSaid() {
    HealthCheck check = check("kind", "http");
    assertEquals(Kind.HTTP, check.kind());
    assertEquals(Via.FORWARDING, check.via());
    assertEquals(80, check.port());
    assertEquals(new Rhythm(2_000, 1_000, 2, 3, 10, 10_000), check.rhythm());
    assertTrue(check.keepWhenAllDown());
    assertEquals(0, check.slowStartMillis());
    assertEquals("/", check.exchange().path());
    assertEquals("200-399", check.exchange().status());
    assertEquals(443, check("kind", "https").port());
    assertEquals(0, check("kind", "icmp").port());
  }

  @Test
  void shouldBeReadAgainAsItWasWritten() {
    List<HealthCheck> all =
        List.of(
            check("kind", "tcp", "port", "80", "via", "direct", "all-down", "drop"),
            check("kind", "tcp", "port", "1", "vip", "2001:db8::1", "slow-start", "1m"),
            check(
                "kind",
                "https",
                "path",
                "/a?b=\"c\\",
                "host",
                "site",
                "status",
                "200,204",
                "body",
                "\"all\" is \\ well",
                "tls-name",
                "site",
                "tls-verify",
                "true"),
            check("kind", "udp", "port", "53", "request", "hex:00ff", "response", "x"),
            check("kind", "command", "command", "/usr/bin/true", "interval", "1500ms"),
            check("kind", "icmp", "rise", "1", "fall", "9", "jitter", "0", "back-off", "0"));
    for (HealthCheck check : all) {
      HealthCheck.Builder again = HealthCheck.builder();
      check.fields().forEach(again::set);
      assertEquals(check, again.build());
      assertEquals(check, HealthCheck.builder().setAll(check).build());
    }
    assertEquals(Map.of("kind", "icmp"), check("kind", "icmp", "rise", "2").fields());
  }

  @Test
  void shouldRefuseWhatMakesNoSense() {
    assertRefused(() -> check("port", "80"), "kind");
    assertRefused(() -> check("kind", "tcp"), "needs a port");
    assertRefused(() -> check("kind", "icmp", "port", "7"), "has no port");
    assertRefused(() -> check("kind", "tcp", "port", "1", "path", "/"), "tcp has no path");
    assertRefused(() -> check("kind", "udp", "port", "1"), "needs request");
    assertRefused(() -> check("kind", "command"), "needs command");
    assertRefused(() -> check("kind", "icmp", "fall", "1"), "from 2");
    assertRefused(() -> check("kind", "icmp", "interval", "5ms"), "10ms");
    assertRefused(() -> check("kind", "icmp", "interval", "2"), "'2' is no time", "unit");
    assertRefused(() -> check("kind", "icmp", "vip", "10.0.0.0/8"), "is no IP address");
    assertRefused(() -> check("kind", "icmp", "via", "direct", "vip", "10.0.0.1"), "vip");
    assertRefused(() -> check("kind", "https", "tls-verify", "true"), "tls-name");
    assertRefused(() -> check("kind", "ftp"), "'ftp'", "tcp, http");
    assertRefused(() -> check("kind", "icmp", "colour", "red"), "'colour'", "interval");
    assertRefused(() -> check("kind", "udp", "port", "1", "request", "hex:0"), "pairs");
    assertRefused(() -> check("kind", "http", "status", "200-"), "status codes");
  }

  /** What goes into the head of a request must not be able to end it. */
  @Test
  void shouldRefuseWhatWouldChangeTheRequest() {
    for (String bad : List.of("/a b", "/a\r\nX: y", "/a\n", "/\u00e4", "")) {
      assertRefused(() -> check("kind", "http", "path", bad), "path");
      assertRefused(() -> check("kind", "http", "host", bad), "host");
    }
  }

  @Test
  void shouldTakeOnlyAHostNameForTls() {
    for (String bad : List.of("", "a_b", "-a.example", "a-", "a..b", "example.", "a".repeat(64))) {
      assertRefused(() -> check("kind", "https", "tls-name", bad), "host's name");
    }
    assertEquals(
        "a-1.example", check("kind", "https", "tls-name", "a-1.example").exchange().tlsName());
  }

  @Test
  void shouldTakeOnlyAPathWithoutDetoursForACommand() {
    for (String bad :
        List.of("true", "./true", "/bin/../bin/true", "//bin/true", "/bin/", "/a b")) {
      assertRefused(() -> check("kind", "command", "command", bad), "absolute path");
    }
  }

  @Test
  void shouldReadAndWriteTimes() {
    assertEquals(500, Durations.parseMillis("500ms"));
    assertEquals(90_000, Durations.parseMillis("90s"));
    assertEquals(300_000, Durations.parseMillis("5m"));
    assertEquals(86_400_000, Durations.parseMillis("24h"));
    assertEquals(0, Durations.parseMillis("0"));
    assertEquals("1500ms", Durations.format(1_500));
    assertEquals("90s", Durations.format(90_000));
    assertEquals("2m", Durations.format(120_000));
    assertEquals("1h", Durations.format(3_600_000));
    assertEquals("0", Durations.format(0));
    for (String bad : List.of("", "s", "1", "-1s", "1.5s", "25h", "99999999999s", "1d", "1 s")) {
      assertRefused(() -> Durations.parseMillis(bad), "is no time");
    }
  }

  @Test
  void shouldReadStatusCodes() {
    StatusSet set = StatusSet.parse("200-204,301");
    for (int code = -1; code < 1_000; code++) {
      assertEquals(code >= 200 && code <= 204 || code == 301, set.contains(code), "" + code);
    }
    for (String bad : List.of("", "20", "600", "099", "204-200", "200,", "2xx", "200-204-301")) {
      assertRefused(() -> StatusSet.parse(bad), "is no set");
    }
    assertFalse(StatusSet.parse("200").contains(201));
  }
}
