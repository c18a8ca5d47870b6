package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.synlev.datapath.Decision;
import io.synlev.packet.Captured;
import io.synlev.packet.Errors;
import io.synlev.packet.Mutator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SteeringAllocationTest {

  private static final int BATCH = Steering.MAX_BATCH;
  private static final int BATCHES = 1_000_000 / BATCH + 1;

  @TempDir Path base;

  @Test
  void shouldAllocateNothingInAMillionDecisions() throws Exception {
    List<byte[]> packets = new ArrayList<>(Errors.all());
    Captured.all().forEach(packet -> packets.add(packet.bytes()));
    Mutator mutator = new Mutator(new SplittableRandom(7), List.copyOf(packets));
    while (packets.size() < BATCH) {
      packets.add(mutator.next());
    }
    long[] addresses = new long[BATCH];
    int[] lengths = new int[BATCH];
    Decision[] out = new Decision[BATCH];
    try (Testbed bed = new Testbed(base);
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < BATCH; i++) {
        byte[] bytes = packets.get(i);
        MemorySegment copy = arena.allocate(Math.max(bytes.length, 1));
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
        addresses[i] = copy.address();
        lengths[i] = bytes.length;
        out[i] = new Decision();
      }
      Steering steering = bed.steering(SteeringOptions.DEFAULT);
      decide(steering, addresses, lengths, out);
      long allocated = decide(steering, addresses, lengths, out);
      assertEquals(0, allocated, "bytes allocated by this thread");
    }
  }

  @Test
  void shouldAllocateNothingWhateverServicesAskFor() throws Exception {
    RandomServices random = new RandomServices(8);
    long[] addresses = new long[BATCH];
    int[] lengths = new int[BATCH];
    Decision[] out = new Decision[BATCH];
    try (Testbed bed = new Testbed(base);
        Arena arena = Arena.ofConfined()) {
      ServiceMatchingTest.publish(bed, random, 60);
      bed.views.swap(View.compile(bed.instance, 2));
      for (int i = 0; i < BATCH; i++) {
        byte[] bytes = random.packet();
        MemorySegment copy = arena.allocate(bytes.length);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
        addresses[i] = copy.address();
        lengths[i] = bytes.length;
        out[i] = new Decision();
      }
      Steering steering = bed.steering(SteeringOptions.DEFAULT);
      decide(steering, addresses, lengths, out);
      assertEquals(0, decide(steering, addresses, lengths, out), "bytes allocated");
    }
  }

  private static long decide(Steering steering, long[] addresses, int[] lengths, Decision[] out) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < BATCHES; i++) {
      steering.decideBatch(addresses, lengths, BATCH, i, out);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
