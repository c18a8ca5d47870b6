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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A port of several queues, and rings for the NIC and what is beyond it: the test says which queue
 * a frame comes by.
 */
final class RingLink implements AutoCloseable {

  private static final int FRAMES = 1024;

  /** Of struct rte_mbuf, rte_mbuf_core.h: nb_segs, pkt_len, next. */
  private static final int SEGMENTS = 20;

  private static final int PACKET_LENGTH = 36;
  private static final int NEXT = 64;

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

  /** Puts a frame where a worker receives. */
  void arrive(int worker, byte[] frame) throws Exception {
    arrive(worker, frame, frame.length);
  }

  /** The same in buffers of so many bytes each. */
  void arrive(int worker, byte[] frame, int each) throws Exception {
    int segments = Math.ceilDiv(frame.length, each);
    assertTrue(pool.take(table, segments), "buffers for the frame");
    for (int i = 0; i < segments; i++) {
      long mbuf = Memory.getLong(table + 8L * i);
      int from = i * each;
      Mbuf.setLength(mbuf, Math.min(each, frame.length - from));
      for (int at = 0; at < Mbuf.dataLength(mbuf); at++) {
        Memory.putByte(Mbuf.data(mbuf) + at, frame[from + at]);
      }
      if (i < segments - 1) {
        Memory.putLong(mbuf + NEXT, Memory.getLong(table + 8L * (i + 1)));
      }
    }
    long first = Memory.getLong(table);
    Memory.putShort(first + SEGMENTS, (short) segments);
    Memory.putInt(first + PACKET_LENGTH, frame.length);
    assertEquals(1, far.queue(worker).send(table, 1), "taken by the ring");
  }

  /** What a worker has sent. */
  List<byte[]> sent(int worker) throws Exception {
    PortQueue queue = far.queue(worker);
    int count = queue.receive(table, FRAMES);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      frames.add(bytes(Memory.getLong(table + 8L * i)));
    }
    pool.free(table, count);
    return frames;
  }

  private static byte[] bytes(long packet) {
    ByteBuffer all = ByteBuffer.allocate(Mbuf.packetLength(packet));
    for (long mbuf = packet; mbuf != 0; mbuf = Memory.getLong(mbuf + NEXT)) {
      all.put(Memory.slice(Mbuf.data(mbuf), Mbuf.dataLength(mbuf)).toArray(ValueLayout.JAVA_BYTE));
    }
    return all.array();
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
