package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortOptions;
import io.synlev.dpdk.PortQueue;
import io.synlev.dpdk.RingPort;
import io.synlev.memory.Memory;
import io.synlev.steering.Steering;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.fragment.FragmentOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Two workers with a queue each of one port, and rings for the NIC: the test says which queue a
 * frame comes by. The workers take turns on the test's thread.
 */
final class TwoWorkers implements AutoCloseable {

  private static final int FRAMES = 1024;

  final List<BurstLoop> loops = new ArrayList<>();
  final Connections connections;
  private final FastPathBed bed;
  private final Handovers handovers = new Handovers(FastPathBed.WORKERS);
  private final Arena arena = Arena.ofConfined();
  private final long[] in = new long[FastPathBed.WORKERS];
  private final long[] out = new long[FastPathBed.WORKERS];
  private final List<Port> ports;
  private final long table;
  private final int available;
  private long now = 5_000_000_000L;

  TwoWorkers(FastPathBed bed, String name) throws Exception {
    this.bed = bed;
    available = bed.pool.available();
    table = arena.allocate(8L * FRAMES, 8).address();
    for (int i = 0; i < FastPathBed.WORKERS; i++) {
      in[i] = RingPort.ring(bed.eal, name + "i" + i, 2 * FRAMES);
      out[i] = RingPort.ring(bed.eal, name + "o" + i, 2 * FRAMES);
    }
    ports =
        List.of(
            RingPort.over(bed.eal, name + "l", in, out),
            RingPort.over(bed.eal, name + "n", out, in));
    PortOptions options = new PortOptions(FastPathBed.WORKERS, 1024, 1024, 0, false, false);
    for (Port port : ports) {
      port.configure(options, bed.pool);
      port.start();
    }
    connections =
        new Connections(
            bed.eal,
            new ConnectionOptions(1024, 0, FlowTimeouts.DEFAULT),
            FastPathBed.WORKERS,
            ports.getFirst().socket());
    for (int i = 0; i < FastPathBed.WORKERS; i++) {
      loops.add(loop(i));
    }
  }

  private BurstLoop loop(int worker) throws Exception {
    PortQueue queue = ports.getFirst().queue(worker);
    Counters counters = connections.counters(worker);
    BurstLoop loop =
        new BurstLoop(
            arena,
            queue,
            queue,
            bed.pool,
            64,
            64,
            new Forwarder(FastPathBed.OPTIONS, 1, counters),
            false,
            counters,
            held ->
                new Steering(
                    bed.instance,
                    bed.views,
                    worker,
                    SteeringOptions.DEFAULT,
                    connections.table(worker),
                    new FragmentOptions(256, 200_000_000L, 64, 1 << 16),
                    held));
    loop.join(handovers.of(worker, counters));
    return loop;
  }

  /** Puts frames where a worker receives. */
  void arrive(int worker, List<byte[]> frames) throws Exception {
    assertTrue(bed.pool.take(table, frames.size()));
    for (int i = 0; i < frames.size(); i++) {
      byte[] frame = frames.get(i);
      long mbuf = Memory.getLong(table + 8L * i);
      for (int at = 0; at < frame.length; at++) {
        Memory.putByte(Mbuf.data(mbuf) + at, frame[at]);
      }
      Mbuf.setLength(mbuf, frame.length);
    }
    assertEquals(
        frames.size(), ports.getLast().queue(worker).send(table, frames.size()), "taken by rings");
  }

  /**
   * Lets workers take turns until nothing is left.
   *
   * @return the time then, a millisecond later for each turn
   */
  static long takeTurns(List<BurstLoop> loops, long since) {
    long time = since;
    int idle = 0;
    while (idle < 2) {
      int done = 0;
      for (BurstLoop loop : loops) {
        time += 1_000_000;
        done += loop.step(time);
      }
      idle = done == 0 ? idle + 1 : 0;
    }
    return time;
  }

  /** Lets the workers take turns until nothing is left; what was sent by all. */
  List<byte[]> run() throws Exception {
    now = takeTurns(loops, now);
    List<byte[]> sent = new ArrayList<>();
    for (int worker = 0; worker < FastPathBed.WORKERS; worker++) {
      int count = ports.getLast().queue(worker).receive(table, FRAMES);
      for (int i = 0; i < count; i++) {
        long mbuf = Memory.getLong(table + 8L * i);
        sent.add(
            Memory.slice(Mbuf.data(mbuf), Mbuf.dataLength(mbuf))
                .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
      }
      bed.pool.free(table, count);
    }
    return sent;
  }

  /** What a worker does with what comes at once, the other one at rest. */
  int step(int worker) {
    return loops.get(worker).step(++now);
  }

  long counted(FastPathCounter counter) {
    return connections.sum(counter);
  }

  /** The destination's Ethernet address, which names the backend with l2dsr. */
  static String backend(byte[] frame) {
    return Arrays.toString(Arrays.copyOf(frame, 6));
  }

  @Override
  public void close() throws IOException {
    loops.forEach(BurstLoop::close);
    handovers.free(bed.pool);
    handovers.close();
    for (Port port : ports) {
      port.close();
    }
    for (int i = 0; i < FastPathBed.WORKERS; i++) {
      RingPort.free(bed.eal, in[i]);
      RingPort.free(bed.eal, out[i]);
    }
    connections.close();
    assertEquals(available, bed.pool.available(), "packet buffers that came back");
    arena.close();
  }
}
