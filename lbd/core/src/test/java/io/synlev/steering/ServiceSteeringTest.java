package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.hash.FlowHash;
import io.synlev.packet.Packets;
import io.synlev.state.ByteCondition;
import io.synlev.state.HashOn;
import io.synlev.state.NoBackend;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What services ask for, in packets: 192.0.2.1 to 192.0.2.2, 2001:db8::1 to 2001:db8::2. */
class ServiceSteeringTest {

  private static final ServiceMatch VIPS =
      ServiceMatch.of(List.of(Prefix.parse("192.0.2.2"), Prefix.parse("2001:db8::2")));

  /** SCTP (RFC 9260, section 3.1): ports 5000 and 38412, then an INIT chunk. */
  private static final String SCTP = "1388" + "960c" + "00000000" + "00000000" + "01000014";

  @TempDir Path base;
  private Testbed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new Testbed(base);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private void serve(Service... services) throws InterruptedException {
    bed.instance.updateServices(before -> List.of(services));
    bed.views.swap(View.compile(bed.instance, 2));
  }

  private static ServiceMatch match(Protocol protocol, String... ports) {
    return VIPS.withProtocols(Set.of(protocol))
        .withPorts(Stream.of(ports).map(PortRange::parse).toList());
  }

  private static Service service(String pool, int priority, ServiceMatch match) {
    return new Service(pool + priority, pool, priority, match, ServiceHandling.DEFAULT);
  }

  /** UDP to a port, without a checksum. */
  private static String udp(int port, String payload) {
    return "03e8%04x%04x0000".formatted(port, 8 + payload.length() / 2) + payload;
  }

  /** From another source; the checksum is nobody's concern here. */
  private static byte[] from(int lastByte, byte[] packet) {
    byte[] copy = packet.clone();
    copy[packet[0] >> 4 == 4 ? 15 : 23] = (byte) lastByte;
    return copy;
  }

  private Reason reason(byte[] packet) {
    return bed.decide(packet).reason;
  }

  @Test
  void shouldSayWhyNoServiceIsFound() throws Exception {
    serve(
        service(
            "web",
            0,
            match(Protocol.TCP, "443")
                .withSources(
                    List.of(Prefix.parse("192.0.2.0/29"), Prefix.parse("2001:db8::/125")))));
    byte[] syn = Packets.ipv4(6, Packets.TCP);
    byte[] tls = syn.clone();
    tls[22] = 1;
    tls[23] = (byte) 0xbb;
    assertEquals(Reason.FORWARDED_TCP, reason(tls));
    assertEquals(Reason.NO_SERVICE_FOR_PORT, reason(syn));
    assertEquals(Reason.NO_SERVICE_FOR_SOURCE, reason(from(9, tls)));
    assertEquals(Reason.NO_SERVICE_FOR_PROTOCOL, reason(Packets.ipv4(17, Packets.UDP)));
    assertEquals(Reason.NO_SERVICE_FOR_PROTOCOL, reason(Packets.ipv4(47, "00000800")));
    byte[] elsewhere = syn.clone();
    elsewhere[19] = 3;
    assertEquals(Reason.NO_SERVICE, reason(elsewhere));
    assertEquals(Reason.TRUNCATED_L4_HEADER, reason(Arrays.copyOf(tls, 23)));
  }

  @Test
  void shouldPreferPriorityOverAnExactDestination() throws Exception {
    Service exact = service("closed", 0, match(Protocol.TCP, "80"));
    byte[] syn = Packets.ipv4(6, Packets.TCP);
    serve(exact, service("web", -1, VIPS));
    assertEquals(Reason.NO_BACKEND, reason(syn));
    serve(exact, service("web", 0, VIPS));
    assertEquals(Reason.NO_BACKEND, reason(syn));
    serve(exact, service("web", 1, VIPS));
    assertEquals(Reason.FORWARDED_TCP, reason(syn));
    serve(exact, service("web", 1, ServiceMatch.of(List.of(Prefix.parse("192.0.0.0/4")))));
    assertEquals(Reason.FORWARDED_TCP, reason(syn));
  }

  @Test
  void shouldLookAtBytesOnlyWhereTheyAre() throws Exception {
    ServiceMatch syns = match(Protocol.TCP);
    serve(
        service("web", 1, syns.withConditions(List.of(ByteCondition.parse("tcp[13] & 0x12 = 2")))),
        service("closed", 0, syns));
    byte[] syn = Packets.ipv6(6, Packets.TCP);
    assertEquals(Reason.FORWARDED_TCP, reason(syn));
    assertEquals(Reason.NO_BACKEND, reason(Arrays.copyOf(syn, 53)));
    byte[] ack = syn.clone();
    ack[53] = 0x10;
    assertEquals(Reason.NO_BACKEND, reason(ack));
  }

  @Test
  void shouldDoWhatAServiceSaysWithoutBackends() throws Exception {
    Service closed = service("closed", 0, VIPS);
    byte[] syn = Packets.ipv4(6, Packets.TCP);
    serve(closed.with(closed.handling().withNoBackend(NoBackend.mark(0x7e))));
    Decision marked = bed.decide(syn);
    assertEquals(Action.MARK, marked.action);
    assertEquals(0x7e, marked.mark);
    assertEquals(Reason.NO_BACKEND, marked.reason);
    serve(closed.with(closed.handling().withNoBackend(NoBackend.DROP)));
    SteeringOptions marking = SteeringOptions.DEFAULT.withNoBackend(Outcome.mark(0x70));
    assertEquals(Action.DROP, bed.decide(marking, syn).action);
    serve(closed);
    assertEquals(0x70, bed.decide(marking, syn).mark);
  }

  @Test
  void shouldGivePingsToOneBackendOfAServiceThatTakesThem() throws Exception {
    Service web = service("web", 0, match(Protocol.TCP, "80"));
    byte[] ping = Packets.ipv4(1, "0800000012340001");
    byte[] next = Packets.ipv4(1, "0800000012340002");
    serve(web);
    assertEquals(Reason.FORWARDED_ICMP_ECHO, reason(ping));
    assertEquals(bed.decide(ping).mark, bed.decide(next).mark);
    assertEquals(
        bed.markOf("web", new FlowHash(Testbed.SEED).ipv4(0xc0000201, 0xc0000202, 0x12340000, 1)),
        bed.decide(ping).mark);
    serve(web.with(web.handling().withEcho(false)));
    assertEquals(Reason.NO_SERVICE_FOR_PROTOCOL, reason(ping));
    serve(web.withPriority(9), service("closed", 0, match(Protocol.ICMP)));
    assertEquals(Reason.NO_BACKEND, reason(ping), "a service for ICMP comes first");
    assertEquals(Reason.FORWARDED_TCP, reason(Packets.ipv4(6, Packets.TCP)));
  }

  @Test
  void shouldLeaveOtherIcmpToTheKernelWhateverServicesAreFor() throws Exception {
    serve(service("web", 0, match(Protocol.TCP, "80")));
    Decision reply = bed.decide(Packets.ipv4(1, "0000000012340001"));
    assertEquals(Reason.ICMP_OTHER, reply.reason);
    assertEquals(Action.ACCEPT, reply.action);
  }

  private Service sctp(HashOn hashOn, int udpPort) {
    return new Service(
        "amf",
        "web",
        0,
        match(Protocol.SCTP, "38412"),
        ServiceHandling.DEFAULT.withHashOn(hashOn).withSctpOverUdpPort(udpPort));
  }

  @Test
  void shouldKeepAnAssociationWhicheverAddressItUses() throws Exception {
    serve(sctp(HashOn.PORTS, 9899));
    Set<Integer> marks = new HashSet<>();
    for (int client = 1; client < 50; client++) {
      marks.add(bed.decide(from(client, Packets.ipv4(132, SCTP))).mark);
      marks.add(bed.decide(from(client, Packets.ipv6(132, SCTP))).mark);
      marks.add(bed.decide(from(client, Packets.ipv4(17, udp(9899, SCTP)))).mark);
      marks.add(bed.decide(from(client, Packets.ipv6(17, udp(9899, SCTP)))).mark);
    }
    assertEquals(1, marks.size(), "addresses, families and encapsulation do not count");
    for (int port = 0; port < 50; port++) {
      byte[] other = Packets.ipv4(132, SCTP);
      other[21] = (byte) port;
      marks.add(bed.decide(other).mark);
    }
    assertTrue(marks.size() > 5, "ports do: " + marks);
  }

  @Test
  void shouldSpreadAssociationsByTheirTupleUnlessTold() throws Exception {
    serve(sctp(null, 0));
    Set<Integer> marks = new HashSet<>();
    for (int client = 1; client < 50; client++) {
      marks.add(bed.decide(from(client, Packets.ipv4(132, SCTP))).mark);
    }
    assertTrue(marks.size() > 5, "" + marks);
    assertEquals(Reason.SCTP, reason(Packets.ipv4(132, SCTP)));
  }

  @Test
  void shouldHashThePortsInsideUdp() throws Exception {
    serve(sctp(null, 9899));
    byte[] packet = Packets.ipv4(17, udp(9899, SCTP));
    Decision decision = bed.decide(packet);
    assertEquals(Reason.SCTP_OVER_UDP, decision.reason);
    FlowHash hash = new FlowHash(Testbed.SEED);
    assertEquals(
        bed.markOf("web", hash.ipv4(0xc0000201, 0xc0000202, 5000 << 16 | 38412, 132)),
        decision.mark);
    byte[] throughNat = packet.clone();
    throughNat[21]++;
    assertEquals(decision.mark, bed.decide(throughNat).mark, "the UDP source port does not count");
  }

  @Test
  void shouldTakeOnlyItsOwnSctpOutOfUdp() throws Exception {
    Service amf = sctp(null, 9899);
    serve(amf);
    String otherPort = SCTP.replace("960c", "0050");
    assertEquals(Reason.NO_SERVICE_FOR_SOURCE, reason(Packets.ipv4(17, udp(9899, otherPort))));
    assertEquals(Reason.NO_SERVICE_FOR_PORT, reason(Packets.ipv4(17, udp(9898, SCTP))));
    assertEquals(Reason.TRUNCATED_L4_HEADER, reason(Packets.ipv4(17, udp(9899, "138896"))));
    serve(amf, service("closed", 0, match(Protocol.UDP, "9899")));
    assertEquals(Reason.NO_BACKEND, reason(Packets.ipv4(17, udp(9899, otherPort))));
    assertEquals(Reason.NO_BACKEND, reason(Packets.ipv4(17, udp(9899, "138896"))));
    serve(amf.withPriority(1), service("closed", 0, match(Protocol.UDP, "9899")));
    assertEquals(Reason.SCTP_OVER_UDP, reason(Packets.ipv4(17, udp(9899, SCTP))));
    serve(
        amf.with(
            amf.match()
                .withConditions(List.of(ByteCondition.parse("sctp[12] = 1")))
                .withSourcePorts(List.of(PortRange.parse("5000")))));
    assertEquals(Reason.SCTP_OVER_UDP, reason(Packets.ipv4(17, udp(9899, SCTP))));
    assertEquals(Reason.SCTP, reason(Packets.ipv4(132, SCTP)));
    String data = SCTP.replace("01000014", "00000014");
    assertEquals(Reason.NO_SERVICE_FOR_SOURCE, reason(Packets.ipv4(17, udp(9899, data))));
  }

  @Test
  void shouldSendAnErrorWhereItsAssociationGoes() throws Exception {
    for (HashOn hashOn : new HashOn[] {null, HashOn.PORTS}) {
      serve(sctp(hashOn, 9899));
      String ports = "1388" + "960c";
      String swapped = "960c" + "1388";
      for (boolean inUdp : new boolean[] {false, true}) {
        byte[] request = inUdp ? Packets.ipv4(17, udp(9899, SCTP)) : Packets.ipv4(132, SCTP);
        String answer = SCTP.replace(ports, swapped);
        String inside = inUdp ? "26ab" + "03e8" + "0018" + "0000" + answer : answer;
        // From the VIP to the client; then what a router says to the VIP about it.
        String quoted =
            "450000%02x0000000040%02x0000c0000202c0000201"
                    .formatted(20 + inside.length() / 2, inUdp ? 17 : 132)
                + inside;
        byte[] error = from(77, Packets.ipv4(1, "03040000000005dc" + quoted));
        Decision decision = bed.decide(error);
        assertEquals(Reason.FORWARDED_ICMP_ERROR, decision.reason);
        int mark = decision.mark;
        assertEquals(bed.decide(request).mark, mark);
      }
    }
  }

  @Test
  void shouldNeverMixServicesWhileTheyChange() throws Exception {
    // Either both services are for the other protocol, or neither: a mixture would drop packets.
    Service[] one = {
      service("web", 0, match(Protocol.TCP)), service("sticky", 0, match(Protocol.UDP))
    };
    Service[] other = {
      service("web", 0, match(Protocol.UDP)), service("sticky", 0, match(Protocol.TCP))
    };
    serve(one);
    Thread writer =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 300; i++) {
                  serve(i % 2 == 0 ? other : one);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Steering steering = bed.steering(SteeringOptions.DEFAULT);
    byte[] syn = Packets.ipv4(6, Packets.TCP);
    Set<Integer> tens = new HashSet<>();
    writer.start();
    while (writer.isAlive() || tens.size() < 2) {
      Decision[] decisions = bed.decideBatch(steering, syn, 64);
      for (Decision decision : decisions) {
        assertEquals(Reason.FORWARDED_TCP, decision.reason);
        assertEquals(decisions[0].mark, decision.mark, "one view a batch");
        tens.add(decision.mark / 100);
      }
      if (!writer.isAlive() && tens.size() < 2) {
        serve(tens.contains(1) ? other : one);
      }
    }
    writer.join();
    assertNotEquals(1, tens.size());
  }
}
