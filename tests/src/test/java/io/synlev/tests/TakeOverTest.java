package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.KernelQueue;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TcRequirements;
import io.synlev.tests.support.TestBed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One lbd after the other takes over while clients connect. {@code bench takeover} does more. */
@ExtendWith(Requirements.class)
class TakeOverTest {
  private static final int TAKE_OVERS = 5;
  private static final int HELD = 300;
  private static final String[] LOAD = {
    "--count", "100000000", "--rate", "2000", "--concurrency", "20000", "--timeout", "30"
  };

  @ParameterizedTest
  @CsvSource({"DIRECT, ALL, IPV4", "ROUTED, SYN_ONLY, IPV6", "DNAT, SYN_ONLY, IPV4"})
  void shouldLoseNoConnection(ReturnMode mode, Redirect redirect, Family family) {
    try (TestBed bed = TestBed.with(mode, 4)) {
      Daemon first = bed.balancer().daemon();
      bed.balancer().install(mode, redirect);
      assertNoConnectionIsLost(bed, family, first, List.of());
    }
  }

  @Test
  @ExtendWith(TcRequirements.class)
  void shouldLoseNoConnectionThatTcCarries() {
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 4)) {
      Daemon first = bed.balancer().tcDaemon("redirect");
      bed.balancer().installForTc(ReturnMode.DIRECT);
      assertNoConnectionIsLost(bed, Family.IPV6, first, bed.balancer().tcOptions("redirect"));
    }
  }

  private static void assertNoConnectionIsLost(
      TestBed bed, Family family, Daemon first, List<String> options) {
    Client client = bed.client(family);
    RunningCommand held = client.hold(HELD, "--interval", "0.1");
    RunningCommand newcomers = client.startTcp(LOAD);
    Daemon serving = first;
    List<Long> sockets = sockets(bed.lab());
    for (int i = 0; i < TAKE_OVERS; i++) {
      awaitPackets(serving, 1000);
      Daemon next = bed.balancer().successor(options.toArray(String[]::new));
      assertEquals(0, serving.awaitEnd().exit(), serving.log());
      assertEquals("handed-over", next.status().object("takeOver").text("how"), next.log());
      serving = next;
    }
    awaitPackets(serving, 1000);
    Json arrivals = Client.stop(newcomers);
    assertEquals(0, arrivals.number("failed"), arrivals::toString);
    Json fates = Client.stop(held);
    assertEquals(HELD, fates.number("open"), fates::toString);
    assertEquals(0, fates.number("broken"), fates::toString);
    assertEquals(0, fates.number("changed"), fates::toString);
    assertEquals(sockets, sockets(bed.lab()), "queues were never let go");
    assertEquals(0, KernelQueue.lost(bed.lab()));
    assertTrue(arrivals.number("connections") > 0);
  }

  private static void awaitPackets(Daemon daemon, long count) {
    Await.until("packets in user space", () -> daemon.packets() >= count);
  }

  private static List<Long> sockets(Lab lab) {
    return KernelQueue.on(lab, Lab.LB).stream().map(KernelQueue::port).toList();
  }
}
