package io.synlev.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import io.synlev.state.Addresses;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.ByteCondition;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Forwarding;
import io.synlev.state.HashOn;
import io.synlev.state.Health;
import io.synlev.state.InstanceSettings;
import io.synlev.state.MacAddress;
import io.synlev.state.NoBackend;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
  static final InstanceSettings SETTINGS = new InstanceSettings(new Seed(1, 2), 0xff);

  private static ConfigFile file(String text) {
    return ConfigFile.parse("f", Path.of("."), text);
  }

  static Contents read(Contents before, String text) {
    return file("version: 1\n" + text).contents(before, SETTINGS);
  }

  private static Contents read(String text) {
    return read(Contents.EMPTY, text);
  }

  /** The problems of a file, a line each. */
  private static List<String> problems(Contents before, String text) {
    ConfigFile file = file(text);
    return assertThrows(ConfigException.class, () -> file.contents(before, SETTINGS))
        .getMessage()
        .lines()
        .toList();
  }

  private static void assertProblem(String text, String... parts) {
    List<String> all = problems(Contents.EMPTY, text);
    assertEquals(1, all.size(), all::toString);
    for (String part : parts) {
      assertTrue(all.getFirst().contains(part), () -> "no '" + part + "' in " + all);
    }
  }

  @Test
  void shouldReadEveryKey() throws IOException {
    ConfigFile file =
        file(
            """
            version: 1
            instance:
              name: lb
              mark-mask: 0xff
              seed: "000102030405060708090a0b0c0d0e0f"
              group: staff
            pools:
              web:
                slots: 997
                capacity: 12
                policy: modulo
                hash: addresses
                own-fwmark: 0x10
                forwarding: nat
                backends:
                  s1: {fwmark: 1, weight: 3, state: draining, ipv4: 192.0.2.1,
                       ipv6: "2001:db8::1", mac: "02:00:5e:10:00:01"}
            services:
              all:
                pool: web
                vips: [203.0.113.0/24, "2001:db8:f::/48"]
                protocols: [tcp, sctp]
                ports: [80, 8000-8999]
                from: [10.0.0.0/8, "::/0"]
                source-ports: 1024-65535
                priority: -7
                hash: ports
                no-backend: mark:0x20
                echo: false
                sctp-over-udp: 9899
              bytes:
                pool: web
                vips: 203.0.113.9
                match: "tcp[12:2] & 0x01ff = 0x0002"
            datapath:
              queue: "0:3"
              fail-open: true
            offload:
              how: tc
              interface: eth0
            """);
    Contents contents = file.contents(Contents.EMPTY, file.settings(new Seed(0, 0)));
    assertEquals("lb", file.instance().orElseThrow());
    assertEquals("staff", file.group().orElseThrow());
    assertEquals(0xff, file.markMask().orElseThrow());
    assertEquals(Seed.parse("000102030405060708090a0b0c0d0e0f"), file.seed().orElseThrow());
    assertEquals(
        List.of(
            new DaemonOption("--queue", "0:3", "datapath.queue"),
            new DaemonOption("--fail-open", "true", "datapath.fail-open"),
            new DaemonOption("--offload", "tc", "offload.how"),
            new DaemonOption("--offload-interface", "eth0", "offload.interface")),
        file.options());
    assertEquals(
        new PoolContents(
            new PoolSettings("web", 997, 12, Policy.MODULO, HashOn.ADDRESSES, 16)
                .with(Forwarding.NAT),
            List.of(
                new Backend(
                    "s1",
                    1,
                    3,
                    AdminState.DRAINING,
                    Health.UP,
                    (Inet4Address) Addresses.parse("192.0.2.1"),
                    (Inet6Address) Addresses.parse("2001:db8::1"),
                    MacAddress.parse("02:00:5e:10:00:01")))),
        contents.pools().getFirst());
    assertEquals(
        List.of(
            new Service(
                "all",
                "web",
                -7,
                new ServiceMatch(
                    EnumSet.of(Protocol.TCP, Protocol.SCTP),
                    List.of(Prefix.parse("203.0.113.0/24"), Prefix.parse("2001:db8:f::/48")),
                    List.of(PortRange.parse("80"), PortRange.parse("8000-8999")),
                    List.of(Prefix.parse("10.0.0.0/8"), Prefix.parse("::/0")),
                    List.of(PortRange.parse("1024-65535")),
                    List.of()),
                new ServiceHandling(HashOn.PORTS, NoBackend.mark(0x20), false, 9899)),
            new Service("bytes", "web", List.of(Prefix.parse("203.0.113.9")))
                .with(
                    new ServiceMatch(
                        EnumSet.of(Protocol.TCP),
                        List.of(Prefix.parse("203.0.113.9")),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(ByteCondition.parse("tcp[12:2] & 0x01ff = 0x0002"))))),
        contents.services());
  }

  @Test
  void shouldTakeWhatIsUsualForWhatIsNotSaid() {
    PoolContents pool = read("pools: {web: {backends: {a: , b: {}}}}").pools().getFirst();
    assertEquals(
        new PoolSettings("web", 65537, 256, Policy.MAGLEV, HashOn.TUPLE, 0), pool.settings());
    assertEquals(List.of(Backend.of("a", 1), Backend.of("b", 2)), pool.backends());
    assertEquals(Contents.EMPTY, read(""));
  }

  @Test
  void shouldKeepWhatIsInForceAndNotSaid() {
    Backend a = Backend.of("a", 9);
    Backend down = new Backend("b", 2, 1, AdminState.ACTIVE, Health.DOWN, null, null, null);
    PoolSettings roomy = new PoolSettings("web", 65537, 300, Policy.MAGLEV, HashOn.TUPLE, 0);
    Contents before = new Contents(List.of(new PoolContents(roomy, List.of(a, down))), List.of());
    PoolContents after =
        read(before, "pools: {web: {backends: {a: {weight: 2}, b: , c: , d: {fwmark: 1}}}}")
            .pools()
            .getFirst();
    assertEquals(300, after.settings().capacity());
    assertEquals(9, after.backend("a").orElseThrow().fwmark());
    assertEquals(Health.DOWN, after.backend("b").orElseThrow().health());
    assertEquals(3, after.backend("c").orElseThrow().fwmark(), "the lowest that nobody has");
    // What is said goes before what is kept.
    PoolContents taken =
        read(before, "pools: {web: {backends: {a: , z: {fwmark: 9}}}}").pools().getFirst();
    assertEquals(9, taken.backend("z").orElseThrow().fwmark());
    assertEquals(1, taken.backend("a").orElseThrow().fwmark());
  }

  @Test
  void shouldReadTheSeedFromAFileBesideIt(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("secret"), "000102030405060708090a0b0c0d0e0f\n");
    Path file = directory.resolve("lb.yaml");
    Files.writeString(file, "version: 1\ninstance: {seed-file: secret}\n");
    assertEquals(
        Seed.parse("000102030405060708090a0b0c0d0e0f"), ConfigFile.read(file).seed().orElseThrow());
  }

  @Test
  void shouldListAllThatIsWrongInTheOrderOfLines() {
    List<String> all =
        problems(
            Contents.EMPTY,
            """
            version: 1
            instanse: {}
            pools:
              web:
                slots: 65536
                backends:
                  s1: {fwmark: 1, ipv4: 192.0.2.1111}
                  s2: {fwmark: 1, wieght: 3}
                  s2: {}
                  _x: {}
            services:
              a: {vips: 203.0.113.7/24, pool: web}
              b: {vips: 203.0.113.7, pool: none, ports: [http]}
              c: {vips: 203.0.113.8, Pool: web}
            """);
    List<String> begins =
        List.of(
            "f:2:1: instanse: there is no such key",
            "f:5:12: pools.web.slots: 65536 is no prime number: choose 65521",
            "f:7:29: pools.web.backends.s1.ipv4: '192.0.2.1111' is no IP address",
            "f:8: pools.web.backends.s2: fwmark 1 of backend 's2' of pool 'web' is taken by",
            "f:8:23: pools.web.backends.s2.wieght: there is no such key",
            "f:9:7: pools.web.backends.s2: stands twice, here and in line 8",
            "f:10:7: pools.web.backends._x: '_x' is no backend name",
            "f:12:13: services.a.vips: '203.0.113.7/24' has bits set behind its length",
            "f:13: services.b: there is no pool 'none': there are [web]",
            "f:13:46: services.b.ports: 'http' is no port",
            "f:14: services.c: 'pool' is missing",
            "f:14:26: services.c.Pool: there is no such key: it is 'pool'");
    assertEquals(begins.size(), all.size(), all::toString);
    for (int i = 0; i < begins.size(); i++) {
      assertTrue(all.get(i).startsWith(begins.get(i)), all.get(i) + " != " + begins.get(i));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``| f:1: the file is empty",
        "[| f:1:2: this is no YAML",
        "a b| f:1:1: 'a b' where keys are needed",
        "{version: 1, pools: [web]}| f:1:21: pools: a list where keys are needed",
        "{version: 2}| version: 2 is out of range: choose from 1 to 1",
        "{pools: {}}| 'version' is missing",
        "{version: 1, pools: &a {}}| an anchor (&)",
        "{version: !!int 1}| a tag (!)",
        "{version: 1, pools: {[a]: {}}}| a list as a key",
        "{version: 1, pools: {p: {slots: }}}| pools.p.slots: no value",
        "{version: 1, pools: {p: {slots: [7]}}}| pools.p.slots: a list where one value is needed",
        "{version: 1, pools: {p: {capacity: 65535}}}| choose from 1 to 65534",
        "{version: 1, pools: {p: {policy: best}}}| 'best' is none of the choices: maglev, modulo",
        "{version: 1, pools: {p: {own-fwmark: 0x100}}}| own fwmark 0x100 has bits outside",
        "{version: 1, pools: {p: {own-fwmark: 1}, q: {own-fwmark: 2}}}| pools.q: pool 'p' has an own",
        "{version: 1, pools: {p: {backends: {a: {fwmark: 0}}}}}| 0 is out of range",
        "{version: 1, pools: {p: {backends: {a: {fwmark: 256}}}}}| outside the mark mask 0xff",
        "{version: 1, pools: {p: {backends: {a: {weight: +1}}}}}| '+1' is no number",
        "{version: 1, pools: {p: {backends: {a: {weight: 1.5}}}}}| '1.5' is no number",
        "{version: 1, pools: {p: {backends: {a: {ipv4: '::1'}}}}}| other family: give it as ipv6",
        "{version: 1, pools: {p: {backends: {a: {ipv4: 0.0.0.0}}}}}| no address of a server",
        "{version: 1, pools: {p: {backends: {a: {drain-until: 2026-11-26T18:00:00Z}}}}}| pools.p.backends.a.drain-until: only for a backend with 'state: draining'",
        "{version: 1, pools: {p: {backends: {a: {state: draining, drain-until: 5m}}}}}| '5m' is no time: write it in UTC, such as",
        "{version: 1, pools: {p: {capacity: 1, backends: {a: , b: }}}}| room for 1 backends",
        "{version: 1, pools: {p: }, services: {s: {pool: p, vips: []}}}| an empty list",
        "{version: 1, pools: {p: }, services: {s: {pool: p, vips: 10.0.0.1, echo: yes}}}| 'yes': choose true or false",
        "{version: 1, pools: {p: }, services: {s: {pool: p, vips: 10.0.0.1, no-backend: mark:256}}}| 0x100 has bits outside",
        "{version: 1, pools: {p: }, services: {s: {pool: p, vips: 10.0.0.1}, t: {pool: p, vips: 10.0.0.1}}}| services.t: VIP 10.0.0.1/32",
        "{version: 1, instance: {mark-mask: 0xffff}}| instance.mark-mask: the instance has mark mask 0xff",
        "{version: 1, instance: {seed: '00000000000000000000000000000001'}}| instance.seed: the instance has another seed",
        "{version: 1, instance: {seed-file: /nowhere/seed}}| cannot read /nowhere/seed",
        "{version: 1, health: {}}| health: there is no such key",
        "{version: 1, datapath: {queues: 2}}| datapath.queues: there is no such key",
      })
  void shouldSayWhatIsWrong(String text, String message) {
    assertProblem(text, message);
  }

  @Test
  void shouldNotRepeatASeed() {
    List<String> all = problems(Contents.EMPTY, "{version: 1, instance: {seed: 0123456789abcdef}}");
    assertTrue(!all.toString().contains("0123456789abcdef"), all::toString);
  }

  @Test
  void shouldTakeASecondDocumentForAMistake() {
    assertProblem("version: 1\n---\nversion: 1\n", "f:2: a second document");
  }

  @Test
  void shouldRefuseWhenNoMarkIsLeft() {
    StringBuilder text = new StringBuilder("version: 1\npools:\n  web:\n    backends:\n");
    for (int i = 1; i <= 256; i++) {
      text.append("      s").append(i).append(":\n");
    }
    assertProblem(text.toString(), "f:260: pools.web.backends.s256: no fwmark within");
  }
}
