package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.KernelQueue;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.PacketCounter;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.Shares;
import io.synlev.tests.support.TestBed;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the rules promise, seen in the packets. */
@ExtendWith(Requirements.class)
class RulesOnTheWireTest {

  @Test
  void shouldUseAllQueuesOfARange() {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 4)) {
      Daemon daemon = bed.balancer().daemon("--queue", "0:1");
      bed.balancer().install(ReturnMode.ROUTED, Redirect.ALL, "--queue", "0:1");
      PacketCounter arrived = PacketCounter.start(bed.lab(), Family.IPV4, "arrived");
      Json report =
          bed.client(Family.IPV4).tcp("--sources", "1000", "--count", "1000", "--timeout", "20");
      assertEquals(0, report.number("failed"), report::toString);
      Shares.assertFair(report.numbers("servers"), bed.lab().servers());
      Await.until("all are decided", () -> daemon.packets() == arrived.packets());
      List<Long> byWorker = daemon.packetsByWorker();
      assertEquals(2, byWorker.size());
      // The kernel spreads by address pair; each of 1,000 addresses is a throw of a coin.
      byWorker.forEach(packets -> assertTrue(packets > arrived.packets() / 4, byWorker::toString));
      assertEquals(
          byWorker, KernelQueue.on(bed.lab(), Lab.LB).stream().map(KernelQueue::sequence).toList());
    }
  }

  /** Other users of marks on the host keep their bits, in packets and in connections. */
  @ParameterizedTest
  @EnumSource(Redirect.class)
  void shouldLeaveForeignMarkBitsAlone(Redirect redirect) {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 4)) {
      for (Family family : Family.values()) {
        mangle(bed.lab(), family, "PREROUTING", "-j", "MARK", "--set-mark", "0xab0000");
      }
      bed.balancer().daemon();
      bed.balancer().install(ReturnMode.ROUTED, redirect);
      for (Family family : Family.values()) {
        PacketCounter arrived = PacketCounter.start(bed.lab(), family, "arrived");
        PacketCounter kept = leaving(bed.lab(), family, "kept", "0xab0000/0xffff0000");
        PacketCounter ours = leaving(bed.lab(), family, "unmarked", "0x0/0xffff");
        Json report = bed.client(family).tcp("--count", "300", "--timeout", "20");
        assertEquals(0, report.number("failed"), report::toString);
        Await.until("all are forwarded", () -> kept.packets() == arrived.packets());
        assertTrue(kept.packets() >= 300 * 4);
        assertEquals(0, ours.packets());
      }
    }
  }

  private static PacketCounter leaving(Lab lab, Family family, String name, String mark) {
    return PacketCounter.startIn(
        lab,
        family,
        "mangle",
        "POSTROUTING",
        name,
        "-d",
        family.vip(),
        "-m",
        "mark",
        "--mark",
        mark);
  }

  @Test
  void shouldRejectWhatNobodyServes() {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 2)) {
      bed.balancer().magctl("deactivate", "s1", "s2").orFail();
      Daemon daemon = bed.balancer().daemon("--no-backend", "mark=0x7fff");
      bed.balancer().install(ReturnMode.ROUTED, Redirect.ALL, "--reject-mark", "0x7fff");
      for (Family family : Family.values()) {
        Json tcp = bed.client(family).tcp("--count", "50", "--timeout", "20");
        assertEquals(Map.of("ECONNREFUSED", 50L), tcp.numbers("errors"), tcp::toString);
      }
      assertEquals(daemon.packets(), daemon.stats().object("reasons").number("no-backend"));
      bed.balancer().magctl("activate", "s2").orFail();
      for (Family family : Family.values()) {
        Json tcp = bed.client(family).tcp("--count", "50", "--timeout", "20");
        assertEquals(Map.of("s2", 50L), tcp.numbers("servers"), tcp::toString);
      }
    }
  }

  @Test
  void shouldDropWithoutDaemonUnlessTheQueueIsBypassed() {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 2)) {
      Client client = bed.client(Family.IPV4);
      // Where packets go that nobody marked, if anybody lets them.
      bed.lab().run(Lab.LB, "ip", "route", "add", "10.0.0.0", "via", "192.168.2.2").orFail();
      bed.balancer().install(ReturnMode.ROUTED, Redirect.ALL);
      Json dropped = client.tcp("--count", "20", "--timeout", "0.5");
      assertEquals(Map.of("TIMEOUT", 20L), dropped.numbers("errors"), dropped::toString);

      bed.balancer().install(ReturnMode.ROUTED, Redirect.ALL, "--queue-bypass");
      Json passed = client.tcp("--count", "20", "--timeout", "20");
      assertEquals(Map.of("s2", 20L), passed.numbers("servers"), passed::toString);

      bed.balancer().daemon();
      Json balanced = client.tcp("--count", "200", "--timeout", "20");
      Shares.assertFair(balanced.numbers("servers"), bed.lab().servers());
    }
  }

  @ParameterizedTest
  @EnumSource(ReturnMode.class)
  void shouldRemoveWhatItInstalled(ReturnMode mode) {
    try (TestBed bed = TestBed.bare(mode, 4)) {
      mangle(bed.lab(), Family.IPV4, "PREROUTING", "-j", "MARK", "--set-mark", "0xab0000");
      String before = everything(bed.lab());
      bed.balancer().install(mode, Redirect.SYN_ONLY, "--reject-mark", "0x7fff");
      assertNotEquals(before, everything(bed.lab()));
      bed.balancer().rules("remove").orFail();
      assertEquals(before, everything(bed.lab()));
    }
  }

  private static void mangle(Lab lab, Family family, String chain, String... rule) {
    List<String> command = new java.util.ArrayList<>(List.of(family.iptables(), "-t", "mangle"));
    command.addAll(List.of("-A", chain));
    command.addAll(List.of(rule));
    lab.run(Lab.LB, command.toArray(String[]::new)).orFail();
  }

  /** Rules without their counters, policy rules and routes of all tables. */
  private static String everything(Lab lab) {
    return lab.run(
            Lab.LB,
            "sh",
            "-c",
            "{ iptables-save; ip6tables-save; ip rule; ip -6 rule; ip route show table all;"
                + " ip -6 route show table all; } | sed -e '/^#/d' -e 's/\\[[0-9:]*\\]//'")
        .orFail()
        .out();
  }
}
