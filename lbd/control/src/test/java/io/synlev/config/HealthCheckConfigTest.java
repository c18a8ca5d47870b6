package io.synlev.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.synlev.state.Backend;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Health;
import io.synlev.state.HealthCheck;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthCheckConfigTest {
  private static final String POOL = "version: 1\npools:\n  web:\n    backends: {a: {fwmark: 1}}\n";

  private static Contents read(Contents before, String text) {
    return ConfigFile.parse("f", Path.of("."), text).contents(before, ConfigFileTest.SETTINGS);
  }

  private static String changes(Contents before, String text) {
    return Difference.between(before, read(before, text)).changes().toString();
  }

  @Test
  void shouldReadEveryKeyThatAKindHas() {
    HealthCheck check =
        read(
                Contents.EMPTY,
                POOL
                    + """
                          health-check:
                            kind: https
                            vip: 2001:db8::1
                            port: 8443
                            interval: 5s
                            timeout: 250ms
                            rise: 3
                            fall: 4
                            jitter: 0
                            back-off: 1m
                            all-down: drop
                            slow-start: 30s
                            path: /up
                            host: www.example.com
                            status: 204
                            body: all well
                            tls-name: www.example.com
                            tls-verify: true
                      """)
            .pools()
            .getFirst()
            .check();
    assertEquals(
        HealthCheck.builder()
            .set("kind", "https")
            .set("vip", "2001:db8::1")
            .set("port", "8443")
            .set("interval", "5000ms")
            .set("timeout", "250ms")
            .set("rise", "3")
            .set("fall", "4")
            .set("jitter", "0")
            .set("back-off", "60s")
            .set("all-down", "drop")
            .set("slow-start", "30000ms")
            .set("path", "/up")
            .set("host", "www.example.com")
            .set("status", "204")
            .set("body", "all well")
            .set("tls-name", "www.example.com")
            .set("tls-verify", "true")
            .build(),
        check);
  }

  /** Every key is one that the reader knows: of a kind that has it, another message comes. */
  @Test
  void shouldKnowEveryKeyOfTheSchema() {
    for (Key key : Key.of(Section.HEALTH_CHECK)) {
      HealthCheck.Builder check = HealthCheck.builder();
      try {
        check.set(key.name(), "\n");
      } catch (io.synlev.state.StateException e) {
        assertEquals(-1, e.getMessage().indexOf("there is no '"), e.getMessage());
      }
    }
  }

  @Test
  void shouldSayWhereACheckIsWrong() {
    ConfigException wrong =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    Contents.EMPTY,
                    POOL + "    health-check:\n      kind: tcp\n      fall: 1\n      colour: 7\n"));
    assertEquals(
        List.of("pools.web.health-check.fall", "pools.web.health-check.colour"),
        wrong.problems().stream().map(Problem::field).sorted((a, b) -> b.compareTo(a)).toList());
    wrong =
        assertThrows(
            ConfigException.class,
            () -> read(Contents.EMPTY, POOL + "    health-check: {kind: tcp, path: /}\n"));
    assertEquals(5, wrong.problems().getFirst().line());
    assertEquals(1, wrong.problems().size());
  }

  @Test
  void shouldTellWhatChanges() {
    Contents without = read(Contents.EMPTY, POOL);
    String with = POOL + "    health-check: {kind: icmp, fall: 5}\n";
    assertEquals(
        "[Change[kind=ADD, field=pools.web.health-check, before=[], after=[kind: icmp, fall: 5]]]",
        changes(without, with));
    assertEquals(
        "[Change[kind=CHANGE, field=pools.web.health-check, before=[fall: 5], after=[fall: 3]]]",
        changes(read(without, with), POOL + "    health-check: {kind: icmp}\n"));
    assertEquals(
        "[Change[kind=REMOVE, field=pools.web.health-check, before=[kind: icmp, fall: 5], after=[]]]",
        changes(read(without, with), POOL));
  }

  @Test
  void shouldKeepWhatChecksFoundForAsLongAsThereIsOne() {
    String with = POOL + "    health-check: {kind: icmp}\n";
    Contents found = down(read(Contents.EMPTY, with));
    Backend kept = read(found, with).pools().getFirst().backends().getFirst();
    assertEquals(Health.DOWN, kept.health());
    Backend forgotten = read(found, POOL).pools().getFirst().backends().getFirst();
    assertEquals(Health.UP, forgotten.health());
    // Where nobody checked, a person said it.
    Backend said =
        read(down(read(Contents.EMPTY, POOL)), POOL).pools().getFirst().backends().getFirst();
    assertEquals(Health.DOWN, said.health());
  }

  private static Contents down(Contents contents) {
    PoolContents pool = contents.pools().getFirst();
    return new Contents(
        List.of(
            new PoolContents(
                pool.settings(),
                pool.backends().stream().map(each -> each.with(Health.DOWN, 100)).toList(),
                pool.check())),
        contents.services());
  }
}
