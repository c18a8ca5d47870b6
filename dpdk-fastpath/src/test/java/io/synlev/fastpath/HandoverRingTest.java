package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HandoverRingTest {

  @Test
  void shouldTakeNoMoreThanThereIsRoomFor() {
    try (Arena arena = Arena.ofConfined()) {
      HandoverRing ring = new HandoverRing(arena);
      long table = arena.allocate(8L * HandoverRing.ROOM, 8).address();
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < HandoverRing.ROOM; i++) {
          assertTrue(ring.put(1000 + i));
        }
        assertFalse(ring.put(7));
        assertEquals(5, ring.take(table, 5));
        assertEquals(1004, Memory.getLong(table + 32));
        assertTrue(ring.put(8));
        assertEquals(HandoverRing.ROOM - 4, ring.take(table, HandoverRing.ROOM));
        assertEquals(8, Memory.getLong(table + 8L * (HandoverRing.ROOM - 5)));
        assertEquals(0, ring.take(table, 5));
      }
    }
  }

  @Test
  @Timeout(60)
  void shouldPassEverythingOnInOrder() throws Exception {
    int numbers = 1_000_000;
    try (Arena arena = Arena.ofShared()) {
      HandoverRing ring = new HandoverRing(arena);
      Thread putter =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (long i = 1; i <= numbers; ) {
                      if (ring.put(i)) {
                        i++;
                      } else {
                        Thread.yield();
                      }
                    }
                  });
      long table = arena.allocate(8 * 64, 8).address();
      long last = 0;
      while (last < numbers) {
        int count = ring.take(table, 64);
        for (int i = 0; i < count; i++) {
          assertEquals(++last, Memory.getLong(table + 8L * i));
        }
        if (count == 0) {
          Thread.yield();
        }
      }
      putter.join();
    }
  }
}
