package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortOptions;
import io.synlev.dpdk.PortQueue;
import io.synlev.dpdk.RingPort;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reaches the sending port's queue, seen from its other side: a ring. */
class SendingTest {

  /** A ring of 32 holds one less. */
  private static final int ROOM = 31;

  @TempDir Path directory;

  @Test
  void shouldFreeWhatThePortRefuses() throws Exception {
    byte[] frame = Frame.of("10.7.0.1", "192.0.2.1").bytes();
    try (FastPathBed bed = new FastPathBed(directory);
        Line line = new Line(bed, "refuse", FastPathBed.OPTIONS)) {
      int before = bed.pool.available();
      line.put(frame, 64);
      assertEquals(64, line.loop.step(0));
      assertEquals(ROOM, bed.counted(FastPathCounter.SENT));
      assertEquals(64 - ROOM, bed.counted(FastPathCounter.REFUSED));
      assertEquals(before - ROOM, bed.pool.available(), "only what was sent is out");
      assertEquals(ROOM, line.backend.receive(line.table, 64));
      bed.pool.free(line.table, ROOM);
      assertEquals(before, bed.pool.available());
    }
  }

  @Test
  void shouldLeaveChecksumsToThePortThatOffersIt() throws Exception {
    byte[] frame = Frame.of("10.7.0.1", "198.51.100.1").vlan(3).bytes();
    for (boolean offload : new boolean[] {false, true}) {
      Path own = Files.createDirectory(directory.resolve("" + offload));
      try (FastPathBed bed = new FastPathBed(own);
          Line line =
              new Line(bed, "sum" + offload, FastPathBed.OPTIONS.withChecksumOffload(offload))) {
        line.put(frame, 1);
        assertEquals(1, line.loop.step(0));
        assertEquals(1, line.backend.receive(line.table, 1));
        long mbuf = Memory.getLong(line.table);
        int checksum = Memory.getShort(Mbuf.data(mbuf) + 18 + 10);
        if (offload) {
          assertTrue(Mbuf.isChecksumOffloaded(mbuf));
          assertEquals(0, checksum);
        } else {
          assertFalse(Mbuf.isChecksumOffloaded(mbuf));
          assertTrue(checksum != 0);
        }
        bed.pool.free(line.table, 1);
      }
    }
  }

  /** A client's ring, the loop, and a short ring to the backends. */
  private static final class Line implements AutoCloseable {
    final BurstLoop loop;
    final PortQueue backend;
    final long table;
    private final FastPathBed bed;
    private final Arena arena = Arena.ofConfined();
    private final long[] rings;
    private final List<Port> ports;
    private final PortQueue client;

    Line(FastPathBed bed, String name, ForwardingOptions options) throws Exception {
      this.bed = bed;
      table = arena.allocate(64 * 8, 8).address();
      rings =
          new long[] {
            RingPort.ring(bed.eal, name + "0", 128), RingPort.ring(bed.eal, name + "1", 32)
          };
      long[] in = {rings[0]};
      long[] out = {rings[1]};
      ports =
          List.of(
              RingPort.over(bed.eal, name + "l", in, out),
              RingPort.over(bed.eal, name + "o", out, in));
      for (Port port : ports) {
        port.configure(PortOptions.DEFAULT, bed.pool);
        port.start();
      }
      PortQueue queue = ports.getFirst().queue(0);
      client = ports.getLast().queue(0);
      backend = client;
      loop =
          new BurstLoop(
              arena,
              queue,
              queue,
              bed.pool,
              64,
              16,
              new Forwarder(options, 1, bed.counters),
              false,
              bed.counters,
              bed::withoutMemory);
    }

    void put(byte[] frame, int count) {
      assertTrue(bed.pool.take(table, count));
      for (int i = 0; i < count; i++) {
        long mbuf = Memory.getLong(table + 8L * i);
        for (int at = 0; at < frame.length; at++) {
          Memory.putByte(Mbuf.data(mbuf) + at, frame[at]);
        }
        Mbuf.setLength(mbuf, frame.length);
      }
      assertEquals(count, client.send(table, count));
    }

    @Override
    public void close() throws java.io.IOException {
      for (Port port : ports) {
        port.close();
      }
      for (long ring : rings) {
        RingPort.free(bed.eal, ring);
      }
      arena.close();
    }
  }
}
