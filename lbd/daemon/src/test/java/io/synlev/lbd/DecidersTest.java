package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import io.synlev.steering.trace.Trace;
import io.synlev.steering.trace.TraceFilter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecidersTest {

  @TempDir Path base;

  /** The queues' loop is warmed up by made-up packets to the VIPs while DPDK serves, too. */
  @Test
  void shouldShowPacketsInTracesButThoseOfTheWarmUp() {
    try (TestInstance test = TestInstance.create(base, "t")) {
      Views views = new Views(View.compile(test.instance(), 1), 1);
      TraceSessions sessions = new TraceSessions(views);
      Deciders deciders = new Deciders(test.instance(), views, SteeringOptions.DEFAULT, sessions);
      Trace trace =
          sessions.read(
              sessions.start(new TraceFilter(TraceFilter.Parts.ALL), 100, Trace.MOST_BYTES));
      decide(deciders.uncounted(), test);
      assertNull(trace.take());
      decide(deciders.plain(0, FlowTable.EMPTY), test);
      assertNotNull(trace.take());
    }
  }

  private static void decide(BatchDecider decider, TestInstance test) {
    byte[] packet = WarmUpTraffic.to(test.instance().configuration().services()).getFirst();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocateFrom(ValueLayout.JAVA_BYTE, packet);
      decider.decideBatch(
          new long[] {place.address()},
          new int[] {packet.length},
          1,
          System.nanoTime(),
          new Decision[] {new Decision()});
    }
  }
}
