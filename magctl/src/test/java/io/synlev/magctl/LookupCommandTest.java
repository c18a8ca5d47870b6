package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LookupCommandTest extends Sandbox {
  @BeforeEach
  void create() {
    done(
        "create 997 --pool web --backends s1,ipv4=192.0.2.1,ipv6=2001:db8:9::1 s2 s3 s4"
            + " --vip 10.0.0.0/24 1000::/64 --seed "
            + Run.SEED);
    done("create 97 --pool one --hash addresses --backends only --vip 10.0.0.7");
  }

  @Test
  void shouldFollowTheHashToTheTable() {
    Map<String, Object> said = run("lookup 198.51.100.7:40000 10.0.0.1:80 --json").json();
    // The way of a packet, step by step: hash, share of the table, slot, backend.
    int hash = new FlowHash(Seed.parse(Run.SEED)).ipv4(0xc6336407, 0x0a000001, 40000 << 16 | 80, 6);
    int slot = (int) (Integer.toUnsignedLong(hash) * 997 >>> 32);
    assertEquals(Integer.toUnsignedLong(hash), ((Number) said.get("hash")).longValue());
    assertEquals(slot, said.get("slot"));
    try (Instance instance = open()) {
      PoolSnapshot pool = instance.snapshot("web");
      assertEquals(pool.at(pool.table()[slot]).orElseThrow().backend().name(), said.get("backend"));
    }
    assertEquals("web", said.get("service"));
    assertEquals("10.0.0.0/24", said.get("vip"));
    assertEquals("table", said.get("reason"));
  }

  @Test
  void shouldExplainToPeople() {
    done("deactivate --pool web s2 s3 s4");
    Run six = run("lookup [2001:db8::1]:40000 [1000::5]:443 --json");
    String hash = Long.toHexString(((Number) six.json().get("hash")).longValue());
    assertEquals(
        "tcp [2001:db8::1]:40000 -> [1000::5]:443\n"
            + "  service     web: the destination lies in its VIP 1000::/64\n"
            + "  pool        web, generation 1\n"
            + ("  hash        0x" + "0".repeat(8 - hash.length()) + hash + " of the 5-tuple\n")
            + ("  slot        " + six.json().get("slot") + " of 997\n")
            + "  backend     s1, fwmark 1, at 2001:db8:9::1\n",
        done("lookup [2001:db8::1]:40000 [1000::5]:443"));
  }

  @Test
  void shouldTakeTheLongestVipAndItsPoolsHash() {
    String said = done("lookup 198.51.100.7:40000 10.0.0.7:80");
    assertTrue(said.contains("service     one: the destination lies in its VIP 10.0.0.7/32"), said);
    assertTrue(said.contains("of the addresses"), said);
    assertTrue(said.contains("backend     only, fwmark 5\n"), said);
  }

  @Test
  void shouldSayWhyThereIsNone() {
    String said = done("lookup 198.51.100.7:40000 10.0.1.1:80");
    assertTrue(said.contains("none: 10.0.1.1 lies in no VIP"), said);
    assertNull(run("lookup 198.51.100.7:40000 10.0.1.1:80 --json").json().get("service"));
    done("deactivate --pool one only");
    said = done("lookup 198.51.100.7:40000 10.0.0.7:80");
    assertTrue(said.contains("backend     none: the pool has no active backend"), said);
    Map<String, Object> json = run("lookup 198.51.100.7:40000 10.0.0.7:80 --json").json();
    assertEquals("no-backend", json.get("reason"));
    assertNull(json.get("backend"));
  }

  @Test
  void shouldKnowProtocolsWithAndWithoutPorts() {
    assertTrue(done("lookup --proto udp 1.2.3.4:5 10.0.0.1:6").startsWith("udp 1.2.3.4:5 ->"));
    assertTrue(done("lookup --proto 132 1.2.3.4:5 10.0.0.1:6").startsWith("sctp 1.2.3.4:5 ->"));
    assertTrue(done("lookup --proto icmp 1.2.3.4:77 10.0.0.1").startsWith("icmp echo 1.2.3.4:77"));
    String gre = done("lookup --proto 47 ::1 1000::1");
    assertTrue(gre.startsWith("protocol 47 ::1 -> 1000::1"), gre);
    assertTrue(gre.contains("of the addresses"), gre);
  }

  @Test
  void shouldReadManyFlowsFromAFile() throws IOException {
    Path file = temp.resolve("flows");
    StringBuilder flows = new StringBuilder("# protocol source destination\n\n");
    for (int port = 0; port < 200; port++) {
      flows.append(port % 2 == 0 ? "udp " : "").append("1.2.3.4:").append(port);
      flows.append(" 10.0.0.1:53\n");
    }
    Files.writeString(file, flows);
    List<?> said = (List<?>) run("lookup --json --file " + file).json().get("flows");
    assertEquals(200, said.size());
    Set<Object> backends = new HashSet<>();
    said.forEach(flow -> backends.add(((Map<?, ?>) flow).get("backend")));
    assertEquals(Set.of("s1", "s2", "s3", "s4"), backends);
    Files.writeString(file, "1.2.3.4:1 10.0.0.1:53\ntcp 1.2.3.4 10.0.0.1:53\n");
    isMisused("lookup --file " + file, "line 2", "'1.2.3.4' has no port");
    fails("lookup --file " + temp.resolve("none"), "cannot read the flows");
  }

  @Test
  void shouldRefuseWhatIsNoFlow() {
    isMisused("lookup 1.2.3.4:1", "source and a destination");
    isMisused("lookup 1.2.3.4:1 [1000::]:1", "different families");
    isMisused("lookup 1.2.3.4 10.0.0.1:1", "'1.2.3.4' has no port", "1.2.3.4:80");
    isMisused("lookup 1.2.3.4:65536 10.0.0.1:1", "'65536'", "no port: 0 to 65535");
    isMisused("lookup 1.2.3:1 10.0.0.1:1", "'1.2.3' is no IP address");
    isMisused("lookup [::1:1 10.0.0.1:1", "'[::1:1' is no address");
    isMisused("lookup --proto gre 1.2.3.4 10.0.0.1", "'gre' is no protocol");
    isMisused("lookup --proto 47 1.2.3.4:1 10.0.0.1", "knows none: leave it out");
    isMisused("lookup --file x 1.2.3.4:1 10.0.0.1:2", "--file");
  }

  @Test
  void shouldHonourProtocolsPortsSourcesAndPriorities() {
    done(
        "service add dns --pool one --vip 10.1.0.1 --protocols udp --ports 53 --from 192.0.2.0/24");
    done("service add tls --pool one --vip 10.0.0.1 --protocols tcp --ports 443 --hash ports");
    String none = done("lookup 192.0.2.1:1 10.1.0.1:53");
    assertTrue(none.contains("no service there is for this protocol"), none);
    none = done("lookup --proto udp 192.0.2.1:1 10.1.0.1:54");
    assertTrue(none.contains("no service there is for this port"), none);
    none = done("lookup --proto udp 192.0.3.1:1 10.1.0.1:53");
    assertTrue(none.contains("for other sources"), none);
    assertEquals(
        "no-service-source",
        run("lookup --proto udp 192.0.3.1:1 10.1.0.1:53 --json").json().get("reason"));
    assertTrue(done("lookup --proto udp 192.0.2.1:1 10.1.0.1:53").contains("service     dns"));
    assertTrue(done("lookup --proto icmp 192.0.2.1:1 10.1.0.1").contains("service     dns"));
    String tls = done("lookup 192.0.2.1:1 10.0.0.1:443");
    assertTrue(tls.contains("service     tls") && tls.contains("of the ports"), tls);
    done("service set web --priority 1");
    assertTrue(done("lookup 192.0.2.1:1 10.0.0.1:443").contains("service     web"));
  }

  @Test
  void shouldNameTheServiceThatSomePacketsOfTheFlowGet() {
    done("service add syn --pool one --vip 10.0.0.1 --match tcp[13]&2=2");
    String said = done("lookup 192.0.2.1:1 10.0.0.1:443");
    assertTrue(said.contains("service     web"), said);
    assertTrue(said.contains("  but syn for packets with tcp[13] & 0x02 = 0x02\n"), said);
    Map<String, Object> json = run("lookup 192.0.2.1:1 10.0.0.1:443 --json").json();
    assertEquals("web", json.get("service"));
    assertEquals("syn", json.get("serviceByBytes"));
    assertNull(run("lookup 192.0.2.1:1 10.0.0.2:443 --json").json().get("serviceByBytes"));
  }
}
