package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceCommandsTest extends Sandbox {
  @BeforeEach
  void create() {
    done("create 7 --pool web --backends 2 --vip 10.0.0.0");
    done("create 7 --pool dns");
  }

  @Test
  void shouldAddSetListAndRemove() {
    assertEquals(
        "service names is added: 10.0.0.53/32 2001:db8::/64 -> pool dns\n",
        done("service add names --vip 10.0.0.53 2001:db8::/64 --pool dns"));
    assertEquals(
        "service names is set: 10.0.0.54/32 -> pool dns\n",
        done("service set names --vip 10.0.0.54"));
    assertEquals(
        "service names is set: 10.0.0.54/32 -> pool web\n", done("service set names --pool web"));
    assertEquals(
        """
          SERVICE  POOL  VIPS
          names    web   10.0.0.54/32
          web      web   10.0.0.0/32
        """,
        done("service list"));
    assertEquals(
        "service web is removed: 10.0.0.0/32 -> pool web\n"
            + "service names is removed: 10.0.0.54/32 -> pool web\n",
        done("service remove web names"));
    assertEquals("no services: 'magctl service add' adds one\n", done("service list"));
  }

  @Test
  void shouldRefuseWhatIsTakenOrUnknown() {
    fails("service add web --vip 10.0.0.1 --pool dns", "service 'web' already");
    fails("service add b --vip 10.0.0.0 --pool dns", "VIP 10.0.0.0/32", "service 'web'");
    fails("service add b --vip 10.0.0.9 --pool dn", "no pool 'dn'", "did you mean 'dns'?");
    fails("service add b --vip 10.0.0.9", "no pool 'default'", "dns, web");
    fails("service set wbe --pool dns", "no service 'wbe'", "did you mean 'web'?");
    fails("service set web --pool mail", "no pool 'mail'");
    fails("service remove web mail", "no service 'mail'", "service list");
    isMisused("service add b --pool web", "--vip");
    isMisused("service add b --vip 10.0.0.256", "10.0.0.256");
    isMisused("service set web", "--vip or --pool");
    isMisused("service remove", "NAME");
  }

  @Test
  void shouldPrintJson() {
    List<Object> all = List.of(plainService("web", "web", "10.0.0.0/32"));
    assertEquals(Map.of("services", all), run("service list --json").json());
    assertEquals(all, run("service remove web --json").json().get("removed"));
    done(
        "service add amf --vip 10.0.0.9 --pool dns --protocols sctp --ports 38412,1000-2000"
            + " --from 192.0.2.0/24 --source-ports 5000 --priority -3 --match sctp[12]=1"
            + " --hash ports --no-backend mark:0x7f --echo no --sctp-over-udp 9899");
    Map<?, ?> amf =
        (Map<?, ?>) ((List<?>) run("service list --json").json().get("services")).get(0);
    assertEquals(List.of("sctp"), amf.get("protocols"));
    assertEquals(List.of("1000-2000", "38412"), amf.get("ports"));
    assertEquals(List.of("192.0.2.0/24"), amf.get("sources"));
    assertEquals(List.of("5000"), amf.get("sourcePorts"));
    assertEquals(List.of("sctp[12] = 0x01"), amf.get("conditions"));
    assertEquals(-3, amf.get("priority"));
    assertEquals("ports", amf.get("hash"));
    assertEquals("mark:0x7f", amf.get("noBackend"));
    assertEquals(false, amf.get("echo"));
    assertEquals(9899, amf.get("sctpOverUdpPort"));
  }

  @Test
  void shouldDeleteAPoolOnlyWithItsServices() {
    fails("delete web dns", "service 'web' uses pool 'web'", "--services");
    done("delete web --services");
    assertEquals("no services: 'magctl service add' adds one\n", done("service list"));
    assertTrue(run("show").out().contains("pool dns"));
  }

  /** A service as JSON that says nothing but this. */
  static Map<String, Object> plainService(String name, String pool, String vip) {
    Map<String, Object> service = new LinkedHashMap<>();
    service.put("name", name);
    service.put("pool", pool);
    service.put("priority", 0);
    service.put("protocols", List.of("tcp", "udp", "sctp", "icmp", "other"));
    service.put("vips", List.of(vip));
    for (String list : List.of("ports", "sources", "sourcePorts", "conditions")) {
      service.put(list, List.of());
    }
    service.put("hash", null);
    service.put("noBackend", "default");
    service.put("echo", true);
    service.put("sctpOverUdpPort", 0);
    return service;
  }

  @Test
  void shouldSayAllOfAService() {
    assertEquals(
        "service amf is added: sctp 10.0.0.9/32 port 38412 from 192.0.2.0/24 source port 1-9"
            + " -> pool dns, priority 5, hash on ports, without backends drop, no echo,"
            + " SCTP over UDP port 9899\n",
        done(
            "service add amf --vip 10.0.0.9 --pool dns --protocols sctp --ports 38412 --from"
                + " 192.0.2.0/24 --source-ports 1-9 --priority 5 --hash ports --no-backend drop"
                + " --echo no --sctp-over-udp 9899"));
    assertEquals(
        """
          SERVICE  POOL  PRIORITY  PROTOCOLS  VIPS         PORTS  FROM          SOURCE PORTS
          amf      dns   5         sctp       10.0.0.9/32  38412  192.0.2.0/24  1-9           \
        hash on ports, without backends drop, no echo, SCTP over UDP port 9899
          web      web                        10.0.0.0/32
        """,
        done("service list"));
    String plain = done("show --plain");
    assertTrue(
        plain.contains(
            "service\tamf\tdns\t10.0.0.9/32\t5\tsctp\t38412\t192.0.2.0/24\t1-9\t-\tports\tdrop\t-\t9899\n"),
        plain);
    assertTrue(
        done("show").contains("service amf -> pool dns, priority 5, hash on ports"), done("show"));
    assertEquals(
        "service amf is set: tcp,sctp 10.0.0.9/32 -> pool dns\n",
        done(
            "service set amf --protocols tcp,sctp --ports all --from any --source-ports all"
                + " --priority 0 --hash pool --no-backend default --echo yes --sctp-over-udp"
                + " none"));
  }

  @Test
  void shouldTakeTheProtocolFromTheConditions() {
    assertEquals(
        "service syn is added: tcp 10.0.0.9/32 if tcp[13] & 0x02 = 0x02 and tcp[12:2] & 0x0010 ="
            + " 0x0000 -> pool dns\n",
        done(
            "service add syn --vip 10.0.0.9 --pool dns --match tcp[13]&tcp-syn!=0 --match"
                + " tcp[12:2]&0x10=0"));
    assertEquals(
        "service syn is set: tcp 10.0.0.9/32 -> pool dns\n", done("service set syn --match none"));
  }

  @Test
  void shouldRefuseServicesThatContradictThemselves() {
    String add = "service add b --pool dns --vip 10.0.0.9 ";
    isMisused(add + "--protocols tpc", "'tpc' is no protocol");
    isMisused(add + "--ports 0-65536", "'0-65536' is no port");
    isMisused(add + "--from 192.0.2.1/24", "bits set behind its length");
    isMisused(add + "--match tcp[13]", "'=' is missing", "tcp[12:2] & 0x01ff = 0x0002");
    isMisused(add + "--hash port", "tuple, addresses, ports, pool");
    isMisused(add + "--no-backend accept", "default, drop or mark:NUMBER");
    isMisused(add + "--echo maybe", "yes or no");
    isMisused(add + "--priority high", "--priority");
    fails(add + "--protocols icmp --ports 80", "names ports");
    fails(add + "--protocols udp --match tcp[13]=2", "is not for tcp");
    fails(add + "--from 2001:db8::/32", "no VIP of that family");
    fails(add + "--priority 99999", "-32768 to 32767");
    fails(add + "--no-backend mark:0x10000", "0x10000", "mark mask");
    fails("service set web --sctp-over-udp 9899 --protocols tcp", "not for SCTP");
    done(add + "--protocols tcp --ports 80");
    fails("service add c --pool dns --vip 10.0.0.9 --protocols tcp --ports 80", "service 'b'");
    done("service add c --pool dns --vip 10.0.0.9 --protocols tcp --ports 443");
  }

  @Test
  void shouldFindHiddenAndOverlappingServices() {
    assertEquals("1 service: nothing is hidden or undecided\n", done("service check"));
    done("service add all --pool dns --vip 10.0.0.0/24 --priority 1");
    done("service add low --pool dns --vip 10.1.0.0 --protocols tcp --ports 80-90");
    done("service add mid --pool dns --vip 10.1.0.0 --protocols tcp --ports 85-99");
    Run check = run("service check");
    assertEquals(1, check.code());
    assertEquals(
        """
        services mid and low share packets
          Why: they have the same priority, and both are for tcp to 10.1.0.0:85: it goes to low
          Fix: if mid shall get these, raise its priority ('magctl service set mid --priority 1'); \
        otherwise lower it
        service web never gets a packet
          Why: all that it is for goes to all first (tcp to 10.0.0.0/32)
          Fix: raise its priority ('magctl service set web --priority 2'), or remove it \
        ('magctl service remove web')
        """,
        check.out());
    Run json = run("service check --json");
    assertEquals(1, json.code());
    assertEquals(
        List.of(
            Map.of(
                "kind", "overlap",
                "service", "mid",
                "others", List.of("low"),
                "where", "tcp to 10.1.0.0:85"),
            Map.of(
                "kind", "shadowed",
                "service", "web",
                "others", List.of("all"),
                "where", "tcp to 10.0.0.0/32")),
        json.json().get("findings"));
    done("service set web --priority 2");
    done("service set mid --priority 1");
    done("service check");
  }
}
