package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TcRequirements;
import io.synlev.tests.support.TestBed;
import io.synlev.tests.support.UdpFlow;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packets are redirected past the host's stack, and the way on is not what it was. */
@ExtendWith({Requirements.class, TcRequirements.class})
class TcNextHopTest {
  private static final int NARROW = 1300;
  private static final String SINK_PORT = "5003";
  private static final int SMALL = 100;

  /** The balancer's own links to the servers are narrow: only its kernel can tell the client. */
  @ParameterizedTest
  @CsvSource({"mark, IPV4", "redirect, IPV6"})
  void shouldHaveTheKernelTellClientsThatTheirPacketsAreTooBig(String mode, Family family) {
    try (TestBed bed = TestBed.bare(ReturnMode.DIRECT, 2)) {
      Lab lab = bed.lab();
      for (String node : lab.servers()) {
        ip(lab, "link set " + node + " mtu " + NARROW);
        lab.run(node, Lab.peer("tcpstream"), "--sink", "--background", "--port", SINK_PORT)
            .orFail();
      }
      Daemon daemon = bed.balancer().tcDaemon(mode);
      bed.balancer().installForTc(ReturnMode.DIRECT);
      List<String> stream = new ArrayList<>(List.of(Lab.peer("tcpstream"), "--seconds", "0.5"));
      stream.addAll(List.of("--from", family.sources(), "--source", "7"));
      stream.addAll(List.of(family.vip(), SINK_PORT));
      try (RunningCommand running = lab.start(Lab.CLIENT, stream.toArray(String[]::new))) {
        Json report = Client.end(running);
        assertTrue(report.number("bytes") > 1 << 20, report::toString);
      }
      String[] question = {"ip", "route", "get", family.vip(), "from", family.source(7)};
      String route = lab.run(Lab.CLIENT, question).orFail().out();
      assertTrue(route.contains("mtu " + NARROW), route);
      boolean isRedirecting = mode.equals("redirect");
      assertEquals(isRedirecting, daemon.program("mtu-exceeded") > 0);
      assertTrue(daemon.program("hit-" + mode) > 0);
      assertEquals(1, daemon.packets(), "the SYN");
    }
  }

  @Test
  void shouldFindTheNeighbourAnew() {
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 2)) {
      Daemon daemon = bed.balancer().tcDaemon("redirect");
      bed.balancer().installForTc(ReturnMode.DIRECT);
      for (Family family : Family.values()) {
        try (UdpFlow flow = UdpFlow.open(bed.lab(), family, family.source(7))) {
          final String server = flow.ask(SMALL);
          final long redirected = daemon.program("hit-redirect");
          ip(bed.lab(), "neigh flush dev " + server);
          assertEquals(server, flow.ask(SMALL), "the packet waits for the answer");
          assertEquals(redirected + 1, daemon.program("hit-redirect"));
        }
      }
    }
  }

  /** A server that answers no ARP gets nothing; others do, and it too when it is back. */
  @Test
  void shouldLoseOnlyWhatGoesToADeadNeighbour() {
    Family family = Family.IPV4;
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 2)) {
      bed.balancer().tcDaemon("redirect");
      bed.balancer().installForTc(ReturnMode.DIRECT);
      try (UdpFlow flow = UdpFlow.open(bed.lab(), family, family.source(7));
          UdpFlow other = toAnotherServer(bed, family, flow.ask(SMALL))) {
        final String server = flow.ask(SMALL);
        final String stays = other.ask(SMALL);
        bed.lab().run(server, "ip", "link", "set", "lb", "arp", "off").orFail();
        ip(bed.lab(), "neigh flush dev " + server);
        flow.patience(200);
        assertThrows(UncheckedIOException.class, () -> flow.ask(SMALL));
        assertEquals(stays, other.ask(SMALL));

        bed.lab().run(server, "ip", "link", "set", "lb", "arp", "on").orFail();
        Await.until("the server is back", () -> isAnswered(flow, server));
      }
    }
  }

  private static UdpFlow toAnotherServer(TestBed bed, Family family, String server) {
    for (int i = 8; ; i++) {
      UdpFlow flow = UdpFlow.open(bed.lab(), family, family.source(i));
      if (!flow.ask(SMALL).equals(server)) {
        return flow;
      }
      flow.close();
    }
  }

  private static boolean isAnswered(UdpFlow flow, String server) {
    try {
      return flow.ask(SMALL).equals(server);
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** The link goes down and its route with it; when both are back, redirection follows. */
  @Test
  void shouldFollowRoutesThatGoAndComeBack() {
    Family family = Family.IPV4;
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 2)) {
      Daemon daemon = bed.balancer().tcDaemon("redirect");
      bed.balancer().installForTc(ReturnMode.DIRECT);
      try (UdpFlow flow = UdpFlow.open(bed.lab(), family, family.source(7))) {
        final String server = flow.ask(SMALL);
        assertEquals(server, flow.ask(SMALL));
        assertEquals(0, daemon.program("no-next-hop"));
        final long decided = daemon.packets();
        String keepAddresses = "net.ipv6.conf.all.keep_addr_on_down=1";
        bed.lab().run(Lab.LB, "sysctl", "-qw", keepAddresses).orFail();
        ip(bed.lab(), "link set " + server + " down");
        flow.patience(100);
        Await.until(
            "redirection knows",
            () -> {
              assertFalse(isAnswered(flow, server));
              return daemon.program("no-next-hop") > 0;
            });

        ip(bed.lab(), "link set " + server + " up");
        bed.balancer().rules("sync").orFail();
        Await.until("the server is back", () -> isAnswered(flow, server));
        long before = daemon.program("hit-redirect");
        Await.until(
            "it is redirected to again",
            () -> isAnswered(flow, server) && daemon.program("hit-redirect") > before);
        assertEquals(decided, daemon.packets(), "user space was not asked");
      }
    }
  }

  private static void ip(Lab lab, String command) {
    lab.run(Lab.LB, ("ip " + command).split(" ")).orFail();
  }
}
