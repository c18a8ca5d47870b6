package io.synlev.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Contents;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigWriterTest {
  private static final String FULL =
      """
      version: 1
      instance:
        name: "7"
        mark-mask: 0xff
        seed: "00000000000000010000000000000002"
      pools:
        "no":
          capacity: 4
          backends:
            "1": {fwmark: 4}
            a.b-c: {fwmark: 5, weight: 0, state: inactive, ipv4: 192.0.2.1, ipv6: "2001:db8::1", mac: "02:00:5e:10:00:01"}
            gone: {fwmark: 6, state: draining, drain-until: "2026-11-26T18:00:00Z"}
            "n:m": {fwmark: 255}
        web:
          slots: 7
          capacity: 256
          policy: modulo
          hash: ports
          own-fwmark: 9
          forwarding: ipip
          health-check:
            kind: http
            vip: "2001:db8::1"
            port: 8080
            interval: 500ms
            fall: 4
            back-off: 0
            all-down: drop
            path: "/up"
            host: www.example.com
            status: "200,204"
            body: "say \\"well\\" \\\\ ok"
      services:
        s:
          pool: web
          vips: [203.0.113.0/24, "2001:db8::/32"]
          protocols: [tcp, sctp]
          ports: [80, 8000-8999]
          from: [10.0.0.0/8, "::/0"]
          source-ports: [1024-65535]
          match: ["sctp[0:2] = 0x0001"]
          priority: -3
          hash: addresses
          no-backend: mark:0x20
          echo: false
          sctp-over-udp: 9899
        t:
          pool: "no"
          vips: [203.0.113.9/32]
          no-backend: drop
      """;

  private static Contents read(Contents before, String text) {
    return ConfigFile.parse("f", Path.of("."), text).contents(before, ConfigFileTest.SETTINGS);
  }

  @Test
  void shouldWriteWhatIsReadAgain() {
    Contents contents = read(Contents.EMPTY, FULL);
    String written = ConfigWriter.write("7", ConfigFileTest.SETTINGS, contents, true);
    assertEquals(FULL, written);
    assertEquals(contents, read(Contents.EMPTY, written));
    assertEquals(contents, read(contents, written));
  }

  @Test
  void shouldKeepTheSecretOutIfAsked() {
    String written = ConfigWriter.write("a", ConfigFileTest.SETTINGS, Contents.EMPTY, false);
    assertEquals("version: 1\ninstance:\n  name: a\n  mark-mask: 0xff\n", written);
  }

  @Test
  void shouldFindNoDifferenceInWhatItWrote() {
    Contents contents = read(Contents.EMPTY, FULL);
    String written = ConfigWriter.write("7", ConfigFileTest.SETTINGS, contents, true);
    assertTrue(Difference.between(contents, read(Contents.EMPTY, written)).isEmpty());
    assertFalse(Difference.between(contents, Contents.EMPTY).isEmpty());
  }
}
