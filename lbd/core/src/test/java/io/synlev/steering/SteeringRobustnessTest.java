package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.packet.Captured;
import io.synlev.packet.Errors;
import io.synlev.packet.Mutator;
import io.synlev.packet.Packets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packets end where forbidden memory begins; a read outside ends the test process. */
class SteeringRobustnessTest {

  private static final int MUTATIONS = 1_000_000;

  @TempDir Path base;

  @Test
  void shouldHaveOneReasonForEveryMutationAndCountItOnce() throws Exception {
    List<byte[]> originals = new ArrayList<>(Packets.unusual());
    originals.addAll(Errors.all());
    Captured.all().forEach(packet -> originals.add(packet.bytes()));
    Mutator mutator = new Mutator(new SplittableRandom(99), originals);
    try (Testbed bed = new Testbed(base)) {
      Steering steering = bed.steering(SteeringOptions.DEFAULT);
      long[] address = new long[1];
      int[] length = new int[1];
      Decision[] out = {new Decision()};
      long steered = 0;
      for (int i = 0; i < MUTATIONS; i++) {
        byte[] packet = mutator.next();
        address[0] = bed.place(packet);
        length[0] = packet.length;
        steering.decideBatch(address, length, 1, i, out);
        assertNotEquals(Reason.UNDECIDED, out[0].reason);
        assertEquals(out[0].action == Action.MARK, out[0].backend >= 0);
        steered += out[0].backend >= 0 ? 1 : 0;
      }
      assertEquals(MUTATIONS, Stream.of(Reason.values()).mapToLong(bed::counted).sum());
      assertEquals(0, bed.counted(Reason.TORN_READ));
      assertEquals(steered, bed.packets("web") + bed.packets("sticky"));
      assertTrue(steered > MUTATIONS / 10, "steered " + steered);
    }
  }
}
