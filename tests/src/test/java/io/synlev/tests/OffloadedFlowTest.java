package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.TestBed;
import io.synlev.tests.support.UdpFlow;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Conntrack carries a flow of datagrams, and the pool changes. Fragments of the flow are taken
 * ahead of conntrack, so only we can bring them to where the rest of it goes.
 */
@ExtendWith(Requirements.class)
class OffloadedFlowTest {
  private static final int SMALL = 100;
  private static final int IN_FRAGMENTS = 4000;

  /** The root of a user namespace may not open it where only root may. */
  @BeforeAll
  static void needTun() {
    boolean mayOpen = Files.isWritable(Path.of("/dev/net/tun"));
    assertTrue(mayOpen || !"true".equals(System.getenv("CI")), "CI=true, but no /dev/net/tun");
    assumeTrue(mayOpen, "needs a /dev/net/tun that we may open");
  }

  /** What a test does while a flow with {@code server} is carried by conntrack. */
  private interface Body {
    void run(TestBed bed, Daemon daemon, UdpFlow flow, String server);
  }

  private static void whileCarried(Family family, String offload, Body body) {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 4)) {
      Daemon daemon =
          bed.balancer().daemon("--queue", "2", "--fragment-queue", "3", "--offload", offload);
      bed.balancer().install(ReturnMode.ROUTED, Redirect.SYN_ONLY, "--fragment-queue", "3");
      try (UdpFlow flow = UdpFlow.open(bed.lab(), family, family.source(7))) {
        String server = flow.ask(SMALL);
        assertEquals(server, flow.ask(IN_FRAGMENTS), "the table says the same");
        assertEquals(server, flow.ask(SMALL));
        long decided = daemon.packetsByWorker().getFirst();
        assertEquals(server, flow.ask(SMALL));
        assertEquals(decided, daemon.packetsByWorker().getFirst(), "conntrack carries it");
        body.run(bed, daemon, flow, server);
      }
    }
  }

  private static long fragments(Daemon daemon) {
    return daemon.stats().numbers("reasons").get("fragment-followed");
  }

  @ParameterizedTest
  @EnumSource
  void shouldBringFragmentsToWhereTheRestOfTheirFlowGoes(Family family) {
    whileCarried(
        family,
        "auto",
        (bed, daemon, flow, server) -> {
          assertEquals("conntrack", daemon.status().text("offload"));
          for (String command : new String[] {"drain ", "deactivate "}) {
            bed.balancer().magctl((command + server).split(" ")).orFail();
            long before = fragments(daemon);
            assertEquals(server, flow.ask(SMALL));
            assertEquals(server, flow.ask(IN_FRAGMENTS));
            assertEquals(before + 2, fragments(daemon), "the second and third of them");
          }
          try (UdpFlow another = UdpFlow.open(bed.lab(), family, family.source(7))) {
            assertNotEquals(server, another.ask(IN_FRAGMENTS), "a new flow goes by the table");
          }
        });
  }

  /** What the test above would see if nobody asked conntrack. */
  @ParameterizedTest
  @EnumSource
  void shouldSplitTheFlowWhenNothingIsFollowed(Family family) {
    whileCarried(
        family,
        "none",
        (bed, daemon, flow, server) -> {
          assertEquals("none", daemon.status().text("offload"));
          bed.balancer().magctl("deactivate", server).orFail();
          assertEquals(server, flow.ask(SMALL));
          assertNotEquals(server, flow.ask(IN_FRAGMENTS));
        });
  }

  @ParameterizedTest
  @EnumSource
  void shouldLeaveABackendThatWasRemoved(Family family) {
    whileCarried(
        family,
        "conntrack",
        (bed, daemon, flow, server) -> {
          bed.balancer().magctl("backend", "remove", server).orFail();
          assertNotEquals(server, flow.ask(IN_FRAGMENTS));
        });
  }
}
