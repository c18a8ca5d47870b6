package io.synlev.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BatonTest {
  private static final int RACES = 1000;

  @Test
  void shouldBeTakenByNobodyBeforeItIsOffered() throws Exception {
    try (Baton baton = Baton.make()) {
      assertFalse(baton.take(0));
      baton.offer();
      assertTrue(baton.take(0));
      assertFalse(baton.take(0), "it is taken");
    }
  }

  @Test
  void shouldBeTakenByOneOfTwo() throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    try (Baton baton = Baton.make();
        ExecutorService two = Executors.newFixedThreadPool(2)) {
      for (int race = 0; race < RACES; race++) {
        baton.offer();
        Callable<Boolean> taker =
            () -> {
              start.await();
              return baton.take(0);
            };
        int taken = 0;
        for (Future<Boolean> result : two.invokeAll(List.of(taker, taker))) {
          taken += result.get() ? 1 : 0;
        }
        assertEquals(1, taken);
      }
    }
  }
}
