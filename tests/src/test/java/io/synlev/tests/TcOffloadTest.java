package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.KernelQueue;
import io.synlev.tests.support.PacketCounter;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TcRequirements;
import io.synlev.tests.support.TestBed;
import io.synlev.tests.support.UdpFlow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tc program carries the flows, so user space sees the first packet of each. */
@ExtendWith({Requirements.class, TcRequirements.class})
class TcOffloadTest {
  private static final int CONNECTIONS = 200;
  private static final int QUESTIONS = 10;

  /** The request, the answer's acknowledgement and the end: that many more at least. */
  private static final int FURTHER_PACKETS = 3;

  @ParameterizedTest
  @CsvSource({"mark, ROUTED", "redirect, DIRECT", "redirect, ROUTED"})
  void shouldLeaveUserSpaceTheFirstPacketOfEachFlow(String mode, ReturnMode way) {
    try (TestBed bed = TestBed.with(way, 4)) {
      Daemon daemon = bed.balancer().tcDaemon(mode);
      bed.balancer().installForTc(way);
      assertEquals("tc", daemon.status().text("offload"));
      for (Family family : Family.values()) {
        PacketCounter stack = PacketCounter.start(bed.lab(), family, "stack");
        final long queued = KernelQueue.total(bed.lab());
        final long carried = daemon.program("hit-" + mode);
        Json report = bed.client(family).tcp("--count", "" + CONNECTIONS);
        assertEquals(CONNECTIONS, report.number("connections"), report::toString);
        assertEquals(0, report.number("failed"), report::toString);
        assertEquals(4, report.numbers("servers").size(), report::toString);
        try (UdpFlow flow = UdpFlow.open(bed.lab(), family, family.source(7))) {
          String server = flow.ask(100);
          for (int i = 1; i < QUESTIONS; i++) {
            assertEquals(server, flow.ask(100));
          }
        }
        assertEquals(CONNECTIONS + 1, KernelQueue.total(bed.lab()) - queued);
        long further = daemon.program("hit-" + mode) - carried;
        assertTrue(further >= FURTHER_PACKETS * CONNECTIONS + QUESTIONS - 1, "" + further);
        // What is redirected never comes to the host's rules.
        long seen = stack.packets();
        assertEquals(CONNECTIONS + 1 + (mode.equals("mark") ? further : 0), seen);
      }
      assertEquals(0, daemon.decided("followed-flow"));
      Json worker = daemon.stats().objects("workers").getFirst();
      assertEquals(2 * (CONNECTIONS + 1), worker.number("flows-added"), worker::toString);
    }
  }

  /** Whatever has no room goes by the table, which says the same as long as the pool stays. */
  @ParameterizedTest
  @CsvSource({"mark, IPV4"})
  void shouldServeMoreFlowsThanThereIsRoomFor(String mode, Family family) {
    int flows = 500;
    int room = 64;
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 4)) {
      Daemon daemon = bed.balancer().tcDaemon(mode, "--offload-flows", "" + room);
      bed.balancer().installForTc(ReturnMode.DIRECT);
      try (RunningCommand held = bed.client(family).hold(flows, "--interval", "0.2")) {
        Json known = daemon.flows();
        assertEquals(room, known.number("room"));
        // A table of its own for those whose second packet has not come.
        assertTrue(known.number("flows") <= 2 * room, known::toString);
        long queued = KernelQueue.total(bed.lab());
        Json report = bed.client(family).tcp("--count", "" + flows);
        assertEquals(0, report.number("failed"), report::toString);
        assertTrue(KernelQueue.total(bed.lab()) - queued > flows, "more than the SYNs");
        TcFates.assertAllKept(flows, held);
      }
    }
  }

  /** Conntrack translates every packet there, so there is nothing to carry. */
  @Test
  void shouldRefuseRulesForDnat() {
    try (TestBed bed = TestBed.bare(ReturnMode.DNAT, 1)) {
      var refused = bed.balancer().rules("install", "--offload", "tc", "--return", "dnat");
      assertEquals(2, refused.exit(), refused::toString);
      assertTrue(refused.err().contains("dnat"), refused::toString);
    }
  }
}
