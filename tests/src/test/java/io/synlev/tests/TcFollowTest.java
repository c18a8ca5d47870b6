package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Download;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.Servers;
import io.synlev.tests.support.TcRequirements;
import io.synlev.tests.support.TestBed;
import io.synlev.tests.support.UdpFlow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tc carries a flow, and the pool changes. Fragments of the flow and ICMP errors about it come to
 * us, for tc does not know them by their headers: only we can bring them to where the rest goes.
 */
@ExtendWith({Requirements.class, TcRequirements.class})
class TcFollowTest {
  private static final int SMALL = 100;
  private static final int IN_FRAGMENTS = 4000;
  private static final int MTU = 1500;
  private static final int NARROW = 1300;

  @TempDir Path scratch;

  @ParameterizedTest
  @EnumSource
  void shouldBringFragmentsToWhereTheRestOfTheirFlowGoes(Family family) {
    boolean mayOpen = Files.isWritable(Path.of("/dev/net/tun"));
    assertTrue(mayOpen || !"true".equals(System.getenv("CI")), "CI=true, but no /dev/net/tun");
    assumeTrue(mayOpen, "needs a /dev/net/tun that we may open");
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 4)) {
      String mode = family == Family.IPV4 ? "mark" : "redirect";
      Daemon daemon = bed.balancer().tcDaemon(mode, "--queue", "2", "--fragment-queue", "3");
      bed.balancer().installForTc(ReturnMode.DIRECT, "--fragment-queue", "3");
      try (UdpFlow flow = UdpFlow.open(bed.lab(), family, family.source(7))) {
        String server = flow.ask(SMALL);
        assertEquals(server, flow.ask(IN_FRAGMENTS), "the table says the same");
        final long decided = daemon.packetsByWorker().getFirst();
        bed.balancer().magctl("deactivate", server).orFail();
        final long first = daemon.decided("fragment-first");
        final long behind = daemon.decided("fragment-followed");
        assertEquals(server, flow.ask(SMALL));
        assertEquals(server, flow.ask(IN_FRAGMENTS));
        assertEquals(first + 1, daemon.decided("fragment-first"), "the first fragment");
        assertEquals(behind + 2, daemon.decided("fragment-followed"), "those behind it");
        assertEquals(decided, daemon.packetsByWorker().getFirst(), "tc carries the rest");
        try (UdpFlow another = UdpFlow.open(bed.lab(), family, family.source(7))) {
          assertNotEquals(server, another.ask(IN_FRAGMENTS), "a new flow goes by the table");
        }
        bed.balancer().magctl("backend", "remove", server).orFail();
        assertNotEquals(server, flow.ask(IN_FRAGMENTS), "not to one that is gone");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldBringIcmpErrorsToWhereTheirFlowGoes(Family family) {
    try (TestBed bed = TestBed.bare(ReturnMode.DIRECT, 4, "--narrow", "" + NARROW)) {
      Servers.startNginx(bed.lab(), scratch);
      String mode = family == Family.IPV4 ? "redirect" : "mark";
      Daemon daemon = bed.balancer().tcDaemon(mode);
      bed.balancer().installForTc(ReturnMode.DIRECT);
      try (Download download = Download.connect(bed.lab(), family, family.source(7), scratch)) {
        List<String> flow = List.of(download.flow(family));
        assertEquals(List.of(download.server()), bed.balancer().predict(flow));
        bed.balancer().magctl("deactivate", download.server()).orFail();
        assertNotEquals(List.of(download.server()), bed.balancer().predict(flow));
        int before = download.segmentSize();
        download.ask();
        download.complete();
        assertEquals(before - (MTU - NARROW), download.segmentSize());
        assertTrue(daemon.decided("followed-flow") > 0);
        assertEquals(0, daemon.decided("forwarded-icmp-error"), "none by the table");
      }
    }
  }
}
