package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.Reason;
import io.synlev.packet.Captured;
import java.nio.file.Path;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens when a writer publishes while a batch is decided. */
class EpochTest {

  @TempDir Path base;
  private Testbed bed;
  private int checks;

  @BeforeEach
  void open() throws Exception {
    bed = new Testbed(base);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  /** A steering whose n-th re-read of the epoch, from 1, says what the predicate says. */
  private Steering steering(IntPredicate isStill) {
    Epoch moving =
        new Epoch(bed.instance) {
          @Override
          boolean isStill(long epoch) {
            return isStill.test(++checks) && super.isStill(epoch);
          }
        };
    return new Steering(
        bed.instance,
        bed.views,
        0,
        SteeringOptions.DEFAULT,
        FlowTable.EMPTY,
        null,
        null,
        moving,
        true);
  }

  private Decision[] decide(Steering steering, int count) {
    return bed.decideBatch(steering, Captured.named("tcp-syn").bytes(), count);
  }

  @Test
  void shouldDecideTheBatchAgainWhenATableWasPublishedMeanwhile() {
    Steering steering =
        steering(
            check -> {
              if (check == 1) {
                bed.instance.updatePool("web", backends -> Testbed.backends(120, 3));
              }
              return true;
            });
    for (Decision decision : decide(steering, 10)) {
      assertEquals(1, decision.generation);
      assertEquals(Action.MARK, decision.action);
      assertEquals(120, decision.mark / 3 * 3);
    }
    assertEquals(2, checks);
    assertEquals(10, bed.counted(Reason.FORWARDED_TCP), "counted once, not at each try");
    assertEquals(10, bed.packets("web"));
  }

  @Test
  void shouldGoPacketByPacketWhenTheEpochKeepsMoving() {
    Decision[] decisions = decide(steering(check -> check > Steering.BATCH_TRIES), 10);
    for (Decision decision : decisions) {
      assertEquals(Reason.FORWARDED_TCP, decision.reason);
    }
    assertEquals(Steering.BATCH_TRIES + 10, checks);
    assertEquals(10, bed.packets("web"));
  }

  @Test
  void shouldDropAndCountWhatNeverStandsStill() {
    for (Decision decision : decide(steering(check -> false), 2)) {
      assertEquals(Reason.TORN_READ, decision.reason);
      assertEquals(Action.DROP, decision.action);
      assertEquals(0, decision.mark);
      assertEquals(-1, decision.backend);
    }
    assertEquals(Steering.BATCH_TRIES + 2 * Steering.PACKET_TRIES, checks);
    assertEquals(2, bed.counted(Reason.TORN_READ));
    assertEquals(0, bed.packets("web"));
  }
}
