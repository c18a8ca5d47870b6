package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.dpdk.Workers;
import io.synlev.state.AdminState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a NIC brings to another worker than the one that knows about it. */
class TwoWorkersTest {

  private static final String VIP = "192.0.2.1";

  @TempDir Path directory;
  private FastPathBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new FastPathBed(directory);
    Workers.register(bed.eal, -1);
  }

  @AfterEach
  void close() throws Exception {
    Workers.unregister(bed.eal);
    bed.close();
  }

  private static Frame udp(int client) {
    return Frame.of("10.7.0." + client, VIP).udp().payload(64);
  }

  private static byte[] first(int client) {
    return udp(client).fragment(0x2000).bytes();
  }

  private static byte[] later(int client) {
    return udp(client).fragment(0x0009).bytes();
  }

  private void drainAllBut(String kept) {
    bed.instance.updatePool(
        "near",
        backends ->
            backends.stream()
                .map(b -> b.name().equals(kept) ? b : b.with(AdminState.DRAINING))
                .toList());
  }

  @Test
  void shouldSendAllFragmentsOfADatagramToOneBackend() throws Exception {
    try (TwoWorkers workers = new TwoWorkers(bed, "frag")) {
      for (int client = 0; client < 32; client++) {
        // By turns: the first one by either queue, the later one before or behind it.
        workers.arrive(client % 2, List.of(client % 4 < 2 ? first(client) : later(client)));
        workers.arrive(1 - client % 2, List.of(client % 4 < 2 ? later(client) : first(client)));
        List<byte[]> sent = workers.run();
        assertEquals(2, sent.size(), "client " + client);
        assertEquals(TwoWorkers.backend(sent.get(0)), TwoWorkers.backend(sent.get(1)));
      }
      assertEquals(32, workers.counted(FastPathCounter.HANDED_OVER), "one of each two");
      assertEquals(0, workers.counted(FastPathCounter.HANDOVER_FULL));
    }
  }

  @Test
  void shouldFollowAFlowThatAnotherWorkerKnows() throws Exception {
    try (TwoWorkers workers = new TwoWorkers(bed, "know")) {
      Set<String> backends = new HashSet<>();
      List<String> of = new ArrayList<>();
      for (int client = 0; client < 16; client++) {
        workers.arrive(0, List.of(udp(client).bytes()));
        of.add(TwoWorkers.backend(workers.run().getFirst()));
      }
      backends.addAll(of);
      assertTrue(backends.size() > 4);
      drainAllBut("near0");
      for (int client = 0; client < 16; client++) {
        byte[] error = Frame.of("10.8.0.1", VIP).unreachable("10.7.0." + client).bytes();
        workers.arrive(1, List.of(error, first(client), later(client)));
        List<byte[]> sent = workers.run();
        assertEquals(3, sent.size());
        for (byte[] frame : sent) {
          assertEquals(of.get(client), TwoWorkers.backend(frame), "client " + client);
        }
      }
      long hits = workers.counted(FastPathCounter.FLOWS_HIT);
      assertTrue(hits > 0 && hits <= 16, "first fragments that came to their flow's worker");
      assertEquals(48, hits + workers.counted(FastPathCounter.FLOWS_BYPASS));
    }
  }

  @Test
  void shouldCountAndFreeWhatTheOtherWorkerHasNoRoomFor() throws Exception {
    try (TwoWorkers workers = new TwoWorkers(bed, "full")) {
      List<byte[]> frames = new ArrayList<>();
      for (int client = 0; frames.isEmpty(); client++) {
        workers.arrive(0, List.of(later(client)));
        workers.step(0);
        if (workers.counted(FastPathCounter.HANDED_OVER) == 1) {
          frames.addAll(Collections.nCopies(HandoverRing.ROOM + 9, later(client)));
        }
      }
      workers.arrive(0, frames);
      while (workers.step(0) > 0) {
        assertTrue(workers.counted(FastPathCounter.HANDED_OVER) <= HandoverRing.ROOM);
      }
      assertEquals(10, workers.counted(FastPathCounter.HANDOVER_FULL));
    }
  }

  @Test
  void shouldKeepFlowsOverAPoolChange() throws Exception {
    try (TwoWorkers workers = new TwoWorkers(bed, "keep")) {
      List<byte[]> flows = new ArrayList<>();
      for (int client = 0; client < 200; client++) {
        flows.add(udp(client).bytes());
        flows.add(Frame.of("2001:db8:7::" + (client + 1), "2001:db8:1::1").tcpFlags(16).bytes());
      }
      workers.arrive(0, flows);
      List<byte[]> before = workers.run();
      drainAllBut("near0");
      workers.arrive(0, flows);
      List<byte[]> after = workers.run();
      for (int i = 0; i < 400; i++) {
        assertEquals(TwoWorkers.backend(before.get(i)), TwoWorkers.backend(after.get(i)));
      }
      bed.instance.updatePool(
          "near", backends -> backends.stream().filter(b -> b.name().equals("near0")).toList());
      workers.arrive(0, flows);
      Set<String> last = new HashSet<>();
      workers.run().forEach(frame -> last.add(TwoWorkers.backend(frame)));
      assertEquals(1, last.size(), "the only one that is left");
      String only = last.iterator().next();
      long kept = before.stream().filter(f -> TwoWorkers.backend(f).equals(only)).count();
      assertEquals(400 - kept, workers.counted(FastPathCounter.FLOWS_STALE));
      assertEquals(400 + kept, workers.counted(FastPathCounter.FLOWS_HIT));
    }
  }
}
