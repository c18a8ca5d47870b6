package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Balancer;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Client.HttpAnswer;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.KernelQueue;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.PacketCounter;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.Servers;
import io.synlev.tests.support.Shares;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Real clients, real servers: every way that packets go, with everything that goes that way. */
@ExtendWith(Requirements.class)
class BalancingTest {
  private static final int CONNECTIONS = 1000;
  private static final int FLOWS = 500;
  private static final int DATAGRAMS_A_FLOW = 3;

  @TempDir Path scratch;
  private Lab lab;
  private Daemon daemon;
  private Client client;
  private PacketCounter arrived;
  private Family family;

  static Stream<Arguments> ways() {
    List<Arguments> ways = new ArrayList<>();
    for (ReturnMode mode : ReturnMode.values()) {
      for (Redirect redirect : Redirect.values()) {
        for (Family family : Family.values()) {
          ways.add(Arguments.of(mode, redirect, family));
        }
      }
    }
    return ways.stream();
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("ways")
  void shouldBalance(ReturnMode mode, Redirect redirect, Family ofThese) {
    family = ofThese;
    try (Lab newLab = Lab.up(mode, 4);
        Balancer balancer = Balancer.on(newLab).create()) {
      lab = newLab;
      client = new Client(lab, family);
      Servers.startPeers(lab);
      Servers.startNginx(lab, scratch);
      arrived = PacketCounter.start(lab, family, "arrived");
      daemon = balancer.daemon("--queue", "2");
      balancer.install(mode, redirect);
      // With direct return conntrack never sees an answer, so that no flow is ever established.
      boolean offloaded = redirect == Redirect.SYN_ONLY && mode != ReturnMode.DIRECT;
      shouldBalanceHttp(balancer);
      shouldBalanceTcp(offloaded);
      shouldBalanceUdp(offloaded);
      shouldAnswerPing();
      assertEquals(0, KernelQueue.lost(lab));
    }
  }

  private void shouldBalanceHttp(Balancer balancer) {
    List<HttpAnswer> answers = client.http(300);
    assertEquals(300, answers.size());
    Map<String, Long> counts =
        answers.stream()
            .collect(
                Collectors.groupingBy(HttpAnswer::server, TreeMap::new, Collectors.counting()));
    Shares.assertFair(counts, lab.servers());
    assertEquals(
        balancer.predict(answers.stream().map(this::flowOf).toList()),
        answers.stream().map(HttpAnswer::server).toList());
  }

  private String flowOf(HttpAnswer answer) {
    return family.endpoint(answer.source(), answer.port())
        + " "
        + family.endpoint(family.vip(), 80);
  }

  /** Packets of a connection that reached another server would have been answered by a reset. */
  private void shouldBalanceTcp(boolean offloaded) {
    long retransmitted = lab.kernelCounter(Lab.CLIENT, "TcpExt", "TCPSynRetrans");
    UserSpace userSpace = new UserSpace();
    Json report = client.tcp("--count", "" + CONNECTIONS, "--timeout", "20");
    assertEquals(CONNECTIONS, report.number("connections"), report::toString);
    assertEquals(0, report.number("failed"), report::toString);
    Shares.assertFair(report.numbers("servers"), lab.servers());
    if (offloaded) {
      retransmitted = lab.kernelCounter(Lab.CLIENT, "TcpExt", "TCPSynRetrans") - retransmitted;
      userSpace.shouldHaveSeen(CONNECTIONS + retransmitted);
    } else {
      userSpace.shouldHaveSeenAll();
    }
  }

  private void shouldBalanceUdp(boolean offloaded) {
    int datagrams = FLOWS * DATAGRAMS_A_FLOW;
    UserSpace userSpace = new UserSpace();
    Json report =
        client.udp(
            "--answers",
            "--count",
            "" + datagrams,
            "--sources",
            "" + FLOWS / 2,
            "--ports",
            "2",
            "--pps",
            "2000");
    assertEquals(datagrams, report.number("answers"), report::toString);
    assertEquals(0, report.number("flows_changed"), report::toString);
    Map<String, Long> flows = report.numbers("servers");
    flows.replaceAll((_, count) -> count / DATAGRAMS_A_FLOW);
    Shares.assertFair(flows, lab.servers());
    if (offloaded) {
      // At 2,000 datagrams a second the first answer is back long before a flow's turn comes again.
      userSpace.shouldHaveSeen(FLOWS);
    } else {
      userSpace.shouldHaveSeenAll();
    }
  }

  private void shouldAnswerPing() {
    Map<String, Long> before = Servers.echoesSeen(lab, family);
    assertTrue(before.isEmpty(), before::toString);
    assertEquals(List.of(1, 2, 3, 4, 5), client.ping(family.source(1), 5));
    // One conversation, one server.
    Map<String, Long> seen = Servers.echoesSeen(lab, family);
    assertEquals(1, seen.size(), seen::toString);
  }

  /** Who saw what from now on: the daemon, the kernel's queue, and a rule ahead of all others. */
  private final class UserSpace {
    private final long daemonBefore = daemon.packets();
    private final long queueBefore = KernelQueue.total(lab);
    private final long arrivedBefore = arrived.packets();

    void shouldHaveSeen(long packets) {
      Await.until("no packet waits", () -> daemon.packets() - daemonBefore >= packets);
      assertEquals(packets, KernelQueue.total(lab) - queueBefore);
      assertEquals(packets, daemon.packets() - daemonBefore);
    }

    /** The last packets of closing connections may still be on their way. */
    void shouldHaveSeenAll() {
      Await.until(
          "the daemon saw every packet",
          () -> daemon.packets() - daemonBefore == arrived.packets() - arrivedBefore);
      Await.until(
          "the queue saw every packet",
          () -> KernelQueue.total(lab) - queueBefore == arrived.packets() - arrivedBefore);
    }
  }
}
