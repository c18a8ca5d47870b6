package io.synlev.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Contents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarningsTest {
  private static List<String> warnings(Contents before, String text) {
    ConfigFile file = ConfigFile.parse("f", Path.of("."), "version: 1\n" + text);
    Contents wanted = file.contents(before, ConfigFileTest.SETTINGS);
    return file.warnings(before, wanted).stream().map(each -> each.in("f")).toList();
  }

  private static void assertWarns(String text, String expected) {
    List<String> all = warnings(Contents.EMPTY, text);
    assertEquals(1, all.size(), all::toString);
    assertTrue(all.getFirst().startsWith(expected), all::toString);
  }

  @Test
  void shouldWarnOfAServerTwiceInAPool() {
    assertWarns(
        "pools: {p: {backends: {a: {ipv4: 10.0.0.1}, b: {ipv4: 10.0.0.1}}}}",
        "f:2: pools.p.backends.b: 10.0.0.1 is the address of backend 'a', too");
  }

  @Test
  void shouldWarnOfABackendThatIsAVip() {
    assertWarns(
        """
        pools: {p: {backends: {a: {ipv4: 10.0.0.1}}}}
        services: {s: {pool: p, vips: 10.0.0.0/24}}
        """,
        "f:2: pools.p.backends.a: 10.0.0.1 is a VIP of service 's' (10.0.0.0/24)");
  }

  @Test
  void shouldWarnOfAPoolThatTakesNothing() {
    assertWarns(
        """
        pools: {p: {backends: {a: {weight: 0}}}}
        services: {s: {pool: p, vips: 10.0.0.0/24}}
        """,
        "f:3: services.s: pool 'p' has no backend that takes new flows");
  }

  @Test
  void shouldWarnOfAFamilyWithoutAddresses() {
    assertWarns(
        """
        pools: {p: {backends: {a: {ipv4: 10.1.0.1}, b: {ipv4: 10.1.0.2, ipv6: "2001:db8::1"}}}}
        services: {s: {pool: p, vips: [10.0.0.1, "2001:db8:f::1"]}}
        """,
        "f:3: services.s: has IPv6 VIPs, but a of pool 'p' have no ipv6");
  }

  @Test
  void shouldWarnOfATranslatedFamilyWithoutAddresses() {
    assertWarns(
        """
        pools: {p: {forwarding: nat, backends: {a: {mac: 02:00:5e:10:00:01}}}}
        services: {s: {pool: p, vips: 10.0.0.1}}
        """,
        "f:3: services.s: has IPv4 VIPs, but a of pool 'p' have no ipv4: with forwarding nat");
  }

  @Test
  void shouldWarnOfTheMarkOfABackendWhereThereIsNone() {
    assertWarns(
        """
        pools: {p: {backends: {a: {fwmark: 3}}}}
        services: {s: {pool: p, vips: 10.0.0.1, no-backend: mark:3}}
        """,
        "f:3: services.s.no-backend: mark 0x3 is that of backend 'a' of pool 'p'");
  }

  @Test
  void shouldWarnOfAMarkThatMoves() {
    Contents before =
        ConfigFileTest.read(Contents.EMPTY, "pools: {p: {backends: {a: {fwmark: 3}}}}");
    assertEquals(
        List.of(
            "f:2: pools.p.backends.b: fwmark 3 was that of p/a: its established flows come here"),
        warnings(before, "pools: {p: {backends: {b: {fwmark: 3}}}}"));
  }

  @Test
  void shouldWarnOfASecretThatEverybodyCanRead(@TempDir Path directory) throws IOException {
    Path path = directory.resolve("f");
    Files.writeString(path, "version: 1\ninstance: {seed: '00000000000000010000000000000002'}\n");
    for (String mode : List.of("rw-r--r--", "rw-r-----")) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      ConfigFile file = ConfigFile.read(path);
      Contents wanted = file.contents(Contents.EMPTY, ConfigFileTest.SETTINGS);
      List<String> all =
          file.warnings(Contents.EMPTY, wanted).stream().map(each -> each.in("f")).toList();
      assertEquals(
          mode.endsWith("r--")
              ? List.of(
                  "f:2: instance.seed: everybody on this host can read the secret: 'chmod o= FILE'")
              : List.of(),
          all);
    }
  }

  @Test
  void shouldSayNothingOfWhatIsAsUsual() {
    assertEquals(
        List.of(),
        warnings(
            Contents.EMPTY,
            """
            pools: {p: {backends: {a: , b: }}}
            services: {s: {pool: p, vips: [10.0.0.1, "2001:db8:f::1"]}}
            """));
  }
}
