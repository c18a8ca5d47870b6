package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.dpdk.Eal;
import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortOptions;
import io.synlev.dpdk.PortQueue;
import io.synlev.dpdk.RingPort;
import io.synlev.memory.Memory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A port of several queues, and rings for the NIC and what is beyond it: the test says which queue
 * a frame comes by.
 */
final class RingLink implements AutoCloseable {

  private static final int FRAMES = 1024;

  private final Eal eal;
  private final PacketPool pool;
  private final long[] in;
  private final long[] out;
  private final Port near;
  private final Port far;
  private final long mac;
  private final Arena arena = Arena.ofConfined();
  private final long table = arena.allocate(8L * FRAMES, 8).address();

  RingLink(Eal eal, PacketPool pool, String name, int queues, long mac) throws Exception {
    this.eal = eal;
    this.pool = pool;
    this.mac = mac;
    in = new long[queues];
    out = new long[queues];
    for (int i = 0; i < queues; i++) {
      in[i] = RingPort.ring(eal, name + "i" + i, 2 * FRAMES);
      out[i] = RingPort.ring(eal, name + "o" + i, 2 * FRAMES);
    }
    near = RingPort.over(eal, name + "n", in, out);
    far = RingPort.over(eal, name + "f", out, in);
    for (Port port : List.of(near, far)) {
      port.configure(new PortOptions(queues, FRAMES, FRAMES, 0, false, false), pool);
      port.start();
    }
  }

  /** A worker's queues. */
  Neighbourhood.Link queues(int worker) throws Exception {
    return new Neighbourhood.Link(near.queue(worker), mac);
  }

  /** Puts a frame where a worker receives, in one buffer or in several of so many bytes each. */
  void arrive(int worker, byte[] frame) throws Exception {
    assertTrue(pool.take(table, 1), "a buffer for the frame");
    long mbuf = Memory.getLong(table);
    for (int at = 0; at < frame.length; at++) {
      Memory.putByte(Mbuf.data(mbuf) + at, frame[at]);
    }
    Mbuf.setLength(mbuf, frame.length);
    assertEquals(1, far.queue(worker).send(table, 1), "taken by the ring");
  }

  /** What a worker has sent. */
  List<byte[]> sent(int worker) throws Exception {
    PortQueue queue = far.queue(worker);
    int count = queue.receive(table, FRAMES);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long mbuf = Memory.getLong(table + 8L * i);
      frames.add(
          Memory.slice(Mbuf.data(mbuf), Mbuf.dataLength(mbuf)).toArray(ValueLayout.JAVA_BYTE));
    }
    pool.free(table, count);
    return frames;
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
    for (int i = 0; i < in.length; i++) {
      RingPort.free(eal, in[i]);
      RingPort.free(eal, out[i]);
    }
    arena.close();
  }
}
