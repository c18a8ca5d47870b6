package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NeighbourTableTest {

  private static final int KEYS = 100;

  private static long mac(long key) {
    return 0x0200_0000_0000L | key;
  }

  @Test
  void shouldKnowWhatAMapKnows() {
    SplittableRandom random = new SplittableRandom(3);
    NeighbourTable table = new NeighbourTable(1024);
    Map<Long, Long> model = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      long key = random.nextInt(1000);
      int at = table.find(7, key);
      if (at == NeighbourTable.NOWHERE) {
        assertEquals(null, model.get(key));
        int added = table.add(7, key, 0, 0);
        assertNotEquals(NeighbourTable.NOWHERE, added, "half of the places are free");
        assertTrue(table.change(added, table.word(added), NeighbourTable.REACHABLE, mac(key), 0));
        model.put(key, mac(key));
      } else {
        assertEquals(model.get(key), NeighbourTable.mac(table.word(at, 7, key)));
        if (random.nextInt(3) == 0) {
          assertTrue(table.remove(at));
          model.remove(key);
        }
      }
    }
  }

  @Test
  void shouldHoldNoMoreThanItMay() {
    NeighbourTable table = new NeighbourTable(16);
    int added = 0;
    for (long key = 0; key < 100; key++) {
      added += table.add(0, key, 0, 0) == NeighbourTable.NOWHERE ? 0 : 1;
    }
    assertEquals(16, added);
  }

  @Test
  void shouldTellAFullTableFromAnEntryThatAnotherWorkerHasMade() {
    NeighbourTable table = new NeighbourTable(16);
    for (long key = 0; key < 16; key++) {
      assertNotEquals(NeighbourTable.NOWHERE, table.add(0, key, 0, 0));
    }
    assertEquals(NeighbourTable.BUSY, table.add(0, 7, 0, 0));
    assertEquals(NeighbourTable.NOWHERE, table.add(0, 16, 0, 0));
  }

  @Test
  @Timeout(60)
  void shouldNotBeCalledFullBecauseAnotherWorkerChangesIt() {
    NeighbourTable table = new NeighbourTable(1024);
    AtomicBoolean isOver = new AtomicBoolean();
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> {
              while (!isOver.get()) {
                int at = table.add(1, 1, 0, 0);
                while (at >= 0 && !table.remove(at)) {
                  Thread.onSpinWait();
                }
              }
            });
    int busy = 0;
    for (int i = 0; busy < 100; i++) {
      int at = table.add(2, i % 100, 0, 0);
      assertNotEquals(NeighbourTable.NOWHERE, at);
      while (at >= 0 && !table.remove(at)) {
        Thread.onSpinWait();
      }
      busy += at == NeighbourTable.BUSY ? 1 : 0;
    }
    isOver.set(true);
    other.join();
  }

  @Test
  @Timeout(60)
  void shouldNeverGiveOneNeighboursAddressToAnother() {
    NeighbourTable table = new NeighbourTable(16);
    AtomicBoolean isOver = new AtomicBoolean();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              SplittableRandom random = new SplittableRandom(4);
              while (!isOver.get()) {
                long key = random.nextInt(KEYS);
                int at = table.find(key, key);
                if (at != NeighbourTable.NOWHERE) {
                  table.remove(at);
                } else {
                  at = table.add(key, key, 0, 0);
                  if (at != NeighbourTable.NOWHERE) {
                    table.change(at, table.word(at), NeighbourTable.REACHABLE, mac(key), 0);
                  }
                }
              }
            });
    SplittableRandom random = new SplittableRandom(5);
    long found = 0;
    while (found < 200_000 && !writer.isDone()) {
      long key = random.nextInt(KEYS);
      int at = table.find(key, key);
      long mac = at == NeighbourTable.NOWHERE ? 0 : NeighbourTable.mac(table.word(at, key, key));
      if (mac != 0) {
        assertEquals(mac(key), mac);
        found++;
      }
    }
    isOver.set(true);
    writer.join();
    assertTrue(found >= 200_000);
  }
}
