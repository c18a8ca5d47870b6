package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Which worker a fragment is brought to. */
class HandoverTest {

  private static final int CLIENTS = 200;

  private static int owner(Handover handover, Arena arena, byte[] frame) {
    byte[] packet = Arrays.copyOfRange(frame, 14, frame.length);
    MemorySegment copy = arena.allocate(packet.length);
    copy.copyFrom(MemorySegment.ofArray(packet));
    return handover.owner(copy.address(), packet.length);
  }

  @Test
  void shouldNameOneWorkerForAllFragmentsOfADatagramAndSpreadDatagrams() {
    try (Handovers handovers = new Handovers(2);
        Arena arena = Arena.ofConfined()) {
      Handover first = handovers.of(0, new Counters());
      Handover second = handovers.of(1, new Counters());
      int byFirst = 0;
      for (int client = 0; client < CLIENTS; client++) {
        Frame frame = Frame.of("10.7.0." + client, "192.0.2.1").udp();
        byte[] start = frame.fragment(0x2000).bytes();
        byte[] rest = frame.fragment(0x0009).bytes();
        int owner = owner(first, arena, start);
        assertEquals(owner, owner(second, arena, rest));
        byFirst += owner == 0 ? 1 : 0;
        byte[] whole = frame.fragment(0x4000).bytes();
        assertEquals(0, owner(first, arena, whole));
        assertEquals(1, owner(second, arena, whole));
      }
      // Of 200 fair throws, fewer than 50 are as likely as 1e-12.
      assertTrue(byFirst > 50 && byFirst < 150, "by the first: " + byFirst);
    }
  }
}
