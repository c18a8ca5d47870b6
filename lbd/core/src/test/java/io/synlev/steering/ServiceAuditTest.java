package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.packet.HeaderStatus;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;
import io.synlev.state.ByteCondition;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import io.synlev.state.StateException;
import io.synlev.steering.ServiceAudit.Finding;
import io.synlev.steering.ServiceAudit.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceAuditTest {

  private static ServiceMatch tcp(String vip, String... ports) {
    return ServiceMatch.of(List.of(Prefix.parse(vip)))
        .withProtocols(Set.of(Protocol.TCP))
        .withPorts(Stream.of(ports).map(PortRange::parse).toList());
  }

  private static Service service(String name, int priority, ServiceMatch match) {
    return new Service(name, "web", priority, match, ServiceHandling.DEFAULT);
  }

  private static List<String> audit(Service... services) {
    return ServiceAudit.of(List.of(services)).stream()
        .map(f -> f.kind() + " " + f.service() + " " + f.others() + " " + f.where())
        .toList();
  }

  @Test
  void shouldFindNothingWhereTheNarrowerServiceComesFirst() {
    assertEquals(
        List.of(),
        audit(
            service("all", 0, tcp("10.0.0.0/8")),
            service("host", 0, tcp("10.0.0.1/32")),
            service("web", 0, tcp("10.0.0.1/32", "80")),
            service("other", 0, tcp("10.0.0.2/32", "80"))));
  }

  @Test
  void shouldFindAServiceThatOneWithPriorityHides() {
    assertEquals(
        List.of("SHADOWED web [all] tcp to 10.0.0.1/32"),
        audit(service("all", 1, tcp("10.0.0.0/8")), service("web", 0, tcp("10.0.0.1/32", "80"))));
  }

  @Test
  void shouldFindAServiceThatSeveralHideTogether() {
    Service low = service("low", 1, tcp("10.0.0.1/32", "0-79", "443"));
    Service high = service("high", 1, tcp("10.0.0.0/31", "80-442", "444-65535"));
    Service almost = service("almost", 1, tcp("10.0.0.0/31", "80-442", "445-65535"));
    Service all = service("all", 0, tcp("10.0.0.1/32"));
    assertEquals(List.of("SHADOWED all [low, high] tcp to 10.0.0.1/32"), audit(low, high, all));
    assertEquals(List.of(), audit(low, almost, all));
  }

  @Test
  void shouldKnowThatPortsAreHeaderBytesToo() {
    ServiceMatch even =
        tcp("10.0.0.1/32").withConditions(List.of(ByteCondition.parse("tcp[3] & 1 = 0")));
    assertEquals(
        List.of("SHADOWED web [even] tcp to 10.0.0.1/32"),
        audit(service("even", 1, even), service("web", 0, tcp("10.0.0.1/32", "80"))));
    assertEquals(
        List.of(), audit(service("even", 1, even), service("web", 0, tcp("10.0.0.1/32", "81"))));
  }

  @Test
  void shouldFindWhatSynAndNoSynHideTogether() {
    ServiceMatch syn =
        tcp("10.0.0.1/32").withConditions(List.of(ByteCondition.parse("tcp[13] & 2 = 2")));
    ServiceMatch noSyn =
        tcp("10.0.0.1/32").withConditions(List.of(ByteCondition.parse("tcp[13] & 2 = 0")));
    Service all = service("all", 0, tcp("10.0.0.1/32"));
    assertEquals(
        List.of("SHADOWED all [syn, rest] tcp to 10.0.0.1/32"),
        audit(service("syn", 0, syn), service("rest", 0, noSyn), all));
    assertEquals(List.of(), audit(service("syn", 0, syn), all));
  }

  @Test
  void shouldFindTheVipThatIsLost() {
    Service two =
        service(
            "two",
            0,
            tcp("10.0.0.1/32", "80")
                .withVips(List.of(Prefix.parse("10.0.0.1/32"), Prefix.parse("2001:db8::1/128"))));
    assertEquals(
        List.of("PARTLY_SHADOWED two [v4] tcp to 10.0.0.1/32"),
        audit(two, service("v4", 1, tcp("10.0.0.0/24"))));
  }

  @Test
  void shouldFindServicesThatOverlapWithoutAPriority() {
    Service low = service("low", 0, tcp("10.0.0.1/32", "80-90"));
    Service high = service("high", 0, tcp("10.0.0.1/32", "85-99"));
    assertEquals(List.of("OVERLAP high [low] tcp to 10.0.0.1:85"), audit(low, high));
    assertEquals(List.of(), audit(low, high.withPriority(1)));
  }

  @Test
  void shouldTakeSctpInsideUdpIntoAccount() {
    ServiceMatch sctp = tcp("10.0.0.1/32", "38412").withProtocols(Set.of(Protocol.SCTP));
    Service tunnel =
        new Service("amf", "web", 1, sctp, ServiceHandling.DEFAULT.withSctpOverUdpPort(9899));
    ServiceMatch udp = tcp("10.0.0.1/32", "9899").withProtocols(Set.of(Protocol.UDP));
    assertEquals(List.of(), audit(tunnel, service("udp", 0, udp)));
    assertEquals(
        List.of("SHADOWED udp [amf] udp to 10.0.0.1/32"),
        audit(
            tunnel,
            service(
                "udp", 0, udp.withConditions(List.of(ByteCondition.parse("udp[10:2] = 38412"))))));
  }

  /** Who never gets any of many random packets may be shadowed; who gets one must not be. */
  @Test
  void shouldNeverCallAServiceShadowedThatGetsPackets(@TempDir Path base) throws Exception {
    RandomServices random = new RandomServices(77);
    PacketHeaders headers = new PacketHeaders();
    Match match = new Match();
    int shadowed = 0;
    int idle = 0;
    try (Testbed bed = new Testbed(base)) {
      for (int round = 0; round < 60; round++) {
        List<Service> services = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          services.add(random.service("s" + i, "web"));
        }
        try {
          bed.instance.updateServices(before -> services);
        } catch (StateException same) {
          continue;
        }
        Set<String> lost = new HashSet<>();
        for (Finding finding : ServiceAudit.of(bed.instance.configuration().services())) {
          if (finding.kind() == Kind.SHADOWED) {
            lost.add(finding.service());
          }
        }
        Set<String> busy = new HashSet<>();
        View view = View.compile(bed.instance, 1);
        for (int i = 0; i < 20_000; i++) {
          byte[] packet = random.packet();
          long address = bed.place(packet);
          if (PacketParser.parse(address, packet.length, headers) == HeaderStatus.OK
              && headers.kind.ordinal() <= io.synlev.packet.PacketKind.SCTP.ordinal()
              && view.match(headers, match)) {
            busy.add(view.services().get(match.service).name());
          }
        }
        lost.forEach(name -> assertTrue(!busy.contains(name), () -> name + " of " + services));
        shadowed += lost.size();
        idle += 12 - busy.size();
      }
    }
    assertTrue(shadowed > 10, shadowed + " shadowed services, " + idle + " without packets");
  }

  @Test
  void shouldCheckThousandsOfServices() {
    List<Service> services = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      services.add(service("s" + i, 0, tcp("10.0." + i / 250 + "." + i % 250, "80", "443")));
    }
    services.add(service("wide", 0, tcp("10.0.0.0/16")));
    services.add(service("hidden", -1, tcp("10.0.3.0/25", "443")));
    assertEquals(
        List.of("SHADOWED hidden"),
        ServiceAudit.of(services).stream().map(f -> f.kind() + " " + f.service()).toList());
  }
}
