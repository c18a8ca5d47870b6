package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.fail;

import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.packet.Captured;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer publishes as fast as it can while a worker decides. */
class PublishingTest {

  private static final int GENERATIONS = 400;

  @TempDir Path base;

  @Test
  void shouldNeverMixGenerations() throws Exception {
    try (Testbed bed = new Testbed(base)) {
      // Even generations have the marks 101 to 110, odd ones 121 to 130, under the same indices.
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread writer =
          new Thread(
              () -> {
                for (int generation = 1; generation <= GENERATIONS; generation++) {
                  int first = 101 + 20 * (generation & 1);
                  bed.instance.updatePool("web", backends -> Testbed.backends(first, 10));
                }
              });
      writer.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
      Steering steering = bed.steering(SteeringOptions.DEFAULT);
      byte[] packet = Captured.named("tcp-syn").bytes();
      long decided = 0;
      long last = 0;
      writer.start();
      while (last < GENERATIONS && failure.get() == null) {
        for (Decision decision : bed.decideBatch(steering, packet, 64)) {
          int first = (int) (101 + 20 * (decision.generation & 1));
          if (decision.mark < first || decision.mark >= first + 10 || decision.generation < last) {
            fail("mark %d of generation %d".formatted(decision.mark, decision.generation));
          }
          last = decision.generation;
        }
        decided += 64;
      }
      writer.join();
      assertNull(failure.get());
      assertEquals(decided, bed.counted(Reason.FORWARDED_TCP));
    }
  }
}
