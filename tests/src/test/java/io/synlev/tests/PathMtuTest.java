package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Download;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.Servers;
import io.synlev.tests.support.TestBed;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A router on the way to the client has a link that the servers do not know of. It says so to the
 * VIP, and that must reach the one server whose packet was too big.
 */
@ExtendWith(Requirements.class)
class PathMtuTest {
  private static final int MTU = 1500;
  private static final int NARROW = 1300;
  private static final String FORWARDED = "forwarded-icmp-error";
  private static final int TIMEOUTS = 4;

  @TempDir Path scratch;

  private TestBed bed(ReturnMode mode) {
    return bed(mode, "--narrow", "" + NARROW);
  }

  private TestBed bed(ReturnMode mode, String... labOptions) {
    TestBed bed = TestBed.bare(mode, 4, labOptions);
    try {
      for (String node : bed.lab().servers()) {
        // With probing a server would find the size out by itself, some seconds later.
        String probing = "net.ipv4.tcp_mtu_probing";
        assertEquals("0", bed.lab().run(node, "sysctl", "-n", probing).orFail().out().strip());
      }
      Servers.startNginx(bed.lab(), scratch);
      return bed;
    } catch (RuntimeException | Error e) {
      bed.close();
      throw e;
    }
  }

  private Download connect(TestBed bed, Family family) {
    return Download.connect(bed.lab(), family, family.source(7), scratch);
  }

  private static long counted(Daemon daemon, String reason) {
    return daemon.stats().numbers("reasons").get(reason);
  }

  /** Downloads, and sees the segments shrink by what the link lacks. */
  private static void assertFindsTheSize(Download download) {
    int before = download.segmentSize();
    download.ask();
    download.complete();
    assertEquals(before - (MTU - NARROW), download.segmentSize());
  }

  @ParameterizedTest
  @CsvSource({"DIRECT, IPV4", "DIRECT, IPV6", "ROUTED, IPV4", "ROUTED, IPV6"})
  void shouldTellTheServerThatItsPacketsAreTooBig(ReturnMode mode, Family family) {
    try (TestBed bed = bed(mode)) {
      Daemon daemon = bed.balancer().daemon();
      bed.balancer().install(mode, Redirect.ALL);
      try (Download download = connect(bed, family)) {
        assertEquals(0, counted(daemon, FORWARDED));
        assertFindsTheSize(download);
        assertTrue(counted(daemon, FORWARDED) > 0);
      }
    }
  }

  /** It knows the connection by its SYN, and the error as related to it. */
  @ParameterizedTest
  @EnumSource
  void shouldLeaveErrorsToConntrackWhereItKnowsTheFlow(Family family) {
    try (TestBed bed = bed(ReturnMode.DIRECT)) {
      Daemon daemon = bed.balancer().daemon();
      bed.balancer().install(ReturnMode.DIRECT, Redirect.SYN_ONLY);
      try (Download download = connect(bed, family)) {
        assertFindsTheSize(download);
        assertEquals(0, counted(daemon, FORWARDED));
      }
    }
  }

  /** With direct return conntrack soon forgets a connection whose answer it never saw. */
  @ParameterizedTest
  @EnumSource
  void shouldSteerErrorsThatConntrackCannotRelate(Family family) {
    try (TestBed bed = bed(ReturnMode.DIRECT)) {
      Daemon daemon = bed.balancer().daemon();
      bed.balancer().install(ReturnMode.DIRECT, Redirect.SYN_ONLY);
      try (Download download = connect(bed, family)) {
        // Nor shall it take the next packet for the beginning of the connection.
        bed.lab().run(Lab.LB, "sysctl", "-w", "net.netfilter.nf_conntrack_tcp_loose=0").orFail();
        bed.lab().run(Lab.LB, "conntrack", "-F").orFail();
        assertFindsTheSize(download);
        assertTrue(counted(daemon, FORWARDED) > 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldFollowAnOffloadedFlowAfterThePoolHasChanged(Family family) {
    try (TestBed bed = bed(ReturnMode.ROUTED)) {
      Daemon daemon = bed.balancer().daemon();
      bed.balancer().install(ReturnMode.ROUTED, Redirect.SYN_ONLY);
      try (Download download = connect(bed, family)) {
        List<String> flow = List.of(download.flow(family));
        assertEquals(List.of(download.server()), bed.balancer().predict(flow));
        bed.balancer().magctl("deactivate", download.server()).orFail();
        assertNotEquals(List.of(download.server()), bed.balancer().predict(flow));
        long known = daemon.packets();
        assertFindsTheSize(download);
        assertEquals(known, daemon.packets(), "all of it by the kernel");
      }
    }
  }

  /** Somebody wants ICMP untracked, so conntrack cannot relate the error to the flow it carries. */
  @ParameterizedTest
  @EnumSource
  void shouldFollowAnOffloadedFlowWhoseErrorsConntrackDoesNotSee(Family family) {
    try (TestBed bed = bed(ReturnMode.ROUTED)) {
      Daemon daemon = bed.balancer().daemon();
      bed.balancer().install(ReturnMode.ROUTED, Redirect.SYN_ONLY);
      String icmp = family == Family.IPV4 ? "icmp" : "icmpv6";
      String untracked =
          family.iptables() + " -t raw -A PREROUTING -p " + icmp + " -j CT --notrack";
      bed.lab().run(Lab.LB, untracked.split(" ")).orFail();
      try (Download download = connect(bed, family)) {
        bed.balancer().magctl("deactivate", download.server()).orFail();
        assertFindsTheSize(download);
        assertTrue(counted(daemon, "followed-flow") > 0);
        assertEquals(0, counted(daemon, FORWARDED), "none by the table");
      }
    }
  }

  /** Its own kernel says that a packet is too big; nothing of it arrives from outside. */
  @ParameterizedTest
  @CsvSource({
    "ROUTED, ALL, IPV4",
    "ROUTED, ALL, IPV6",
    "ROUTED, SYN_ONLY, IPV4",
    "ROUTED, SYN_ONLY, IPV6",
    "DNAT, SYN_ONLY, IPV4",
    "DNAT, SYN_ONLY, IPV6"
  })
  void shouldTellTheServerWhenTheNarrowLinkIsItsOwn(
      ReturnMode mode, Redirect redirect, Family family) {
    try (TestBed bed = bed(mode, new String[0])) {
      String link = "link set " + Lab.CLIENT + " mtu " + NARROW;
      bed.lab().run(Lab.LB, ("ip " + link).split(" ")).orFail();
      bed.balancer().daemon();
      bed.balancer().install(mode, redirect);
      try (Download download = connect(bed, family)) {
        assertFindsTheSize(download);
      }
    }
  }

  /** What the tests above would see if errors went nowhere. */
  @ParameterizedTest
  @EnumSource
  void shouldStallWhenErrorsAreDropped(Family family) {
    try (TestBed bed = bed(ReturnMode.DIRECT)) {
      Daemon daemon = bed.balancer().daemon("--icmp-errors", "drop");
      bed.balancer().install(ReturnMode.DIRECT, Redirect.ALL);
      try (Download download = connect(bed, family)) {
        int before = download.segmentSize();
        download.ask();
        Await.until("the server gives up and tries again", () -> download.timeouts() >= TIMEOUTS);
        assertEquals(before, download.segmentSize());
        assertEquals(0, download.received());
        assertEquals(0, counted(daemon, FORWARDED));
        assertTrue(counted(daemon, "icmp-error") >= TIMEOUTS);
      }
    }
  }

  /** With IPv6 no router cuts packets: only a server that is told sends smaller echo replies. */
  @Test
  void shouldTellTheServerThatItsEchoRepliesAreTooBig() {
    try (TestBed bed = bed(ReturnMode.DIRECT)) {
      Daemon daemon = bed.balancer().daemon();
      bed.balancer().install(ReturnMode.DIRECT, Redirect.ALL);
      Family family = Family.IPV6;
      String out =
          bed.lab()
              .run(
                  Lab.CLIENT,
                  ("ping -n -i0.2 -W5 -c5 -s1400 -I" + family.source(7) + " " + family.vip())
                      .split(" "))
              .out();
      assertTrue(out.contains("5 packets transmitted, 4 received"), out);
      assertEquals(1, counted(daemon, FORWARDED));
    }
  }
}
