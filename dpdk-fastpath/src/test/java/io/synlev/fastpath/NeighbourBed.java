package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortOptions;
import io.synlev.dpdk.PortQueue;
import io.synlev.dpdk.RingPort;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The fast path on a link, and a kernel behind an exception port: what the test sends, and what it
 * gets back. With two arms, backends have a link of their own. The balancer is 10.1.0.1 and
 * 2001:db8:f::1 on 10.1.0.0/24 and 2001:db8:f::/64, where {@link FastPathBed}'s backends are; time
 * is the test's.
 */
final class NeighbourBed implements AutoCloseable {

  static final String MAC = "02cc00000001";
  static final String PEER = "02ee00000007";
  static final String OWN4 = "10.1.0.1";
  static final String OWN6 = "2001:db8:f::1";
  static final NeighbourOptions OPTIONS =
      NeighbourOptions.DEFAULT.withOwn(
          Inet4Address.ofLiteral(OWN4), 24, (Inet6Address) Inet6Address.ofLiteral(OWN6), 64);

  private static final int ROOM = 256;
  private static final AtomicInteger SERIAL = new AtomicInteger();

  final FastPathBed bed;
  long now;

  /** What it has said by itself at its start, and two seconds later. */
  final List<byte[]> announced;

  final List<byte[]> announcedAgain;
  private final Arena arena = Arena.ofConfined();
  private final List<Port> ports = new ArrayList<>();
  private final List<Long> rings = new ArrayList<>();
  private final String name = "nb" + SERIAL.getAndIncrement();
  private final PortQueue link;
  private final PortQueue backends;
  private final PortQueue kernel;
  private final BurstLoop loop;
  private final long table = arena.allocate(8 * ROOM, 8).address();
  private final int buffers;

  NeighbourBed(Path directory, NeighbourOptions options, boolean hasKernel) throws Exception {
    this(directory, options, hasKernel, false);
  }

  NeighbourBed(Path directory, NeighbourOptions options, boolean hasKernel, boolean hasTwoArms)
      throws Exception {
    bed = new FastPathBed(directory);
    buffers = bed.pool.available();
    PortQueue[] wire = wire("l");
    PortQueue[] tap = wire("k");
    link = wire[1];
    kernel = tap[1];
    long mac = Long.parseLong(MAC, 16);
    PortQueue[] second = hasTwoArms ? wire("b") : wire;
    backends = second[1];
    Neighbourhood.Link arm = new Neighbourhood.Link(wire[0], mac);
    Neighbourhood.Link out = hasTwoArms ? new Neighbourhood.Link(second[0], mac + 1) : arm;
    Neighbourhood neighbourhood =
        new Neighbourhood(
            arena,
            arm,
            out,
            hasKernel ? tap[0] : null,
            bed.pool,
            new NeighbourTable(options.most()),
            true,
            options,
            64,
            false,
            bed.counters);
    Forwarder forwarder = new Forwarder(ForwardingOptions.DEFAULT, out.mac(), bed.counters);
    forwarder.resolveWith(neighbourhood.resolver());
    loop =
        new BurstLoop(
            arena,
            wire[0],
            second[0],
            bed.pool,
            64,
            16,
            forwarder,
            false,
            bed.counters,
            bed::withoutMemory);
    loop.join(neighbourhood);
    announced = say();
    now += 2_000_000_000;
    announcedAgain = say();
  }

  /** Two ends: what one sends the other receives. */
  private PortQueue[] wire(String role) throws Exception {
    long there = RingPort.ring(bed.eal, name + role + "0", ROOM);
    long back = RingPort.ring(bed.eal, name + role + "1", ROOM);
    rings.addAll(List.of(there, back));
    PortQueue[] ends = new PortQueue[2];
    for (int end = 0; end < 2; end++) {
      long[] receives = {end == 0 ? there : back};
      long[] sends = {end == 0 ? back : there};
      Port port = RingPort.over(bed.eal, name + role + "p" + end, receives, sends);
      ports.add(port);
      port.configure(PortOptions.DEFAULT, bed.pool);
      port.start();
      ends[end] = port.queue(0);
    }
    return ends;
  }

  /** Sends frames, lets the worker do all it has to do now; what comes out to the link. */
  List<byte[]> say(byte[]... frames) {
    put(link, frames);
    settle();
    return get(link);
  }

  /** Lets time pass in steps of 50 ms; what comes out to the link meanwhile. */
  List<byte[]> after(double seconds) {
    long end = now + (long) (seconds * 1e9);
    List<byte[]> all = new ArrayList<>();
    while (now < end) {
      now = Math.min(end, now + 50_000_000);
      all.addAll(say());
    }
    return all;
  }

  /** Sends frames from the backends' link; what comes out to that link. */
  List<byte[]> sayAsBackend(byte[]... frames) {
    put(backends, frames);
    settle();
    return get(backends);
  }

  /** What came out to the kernel. */
  List<byte[]> atKernel() {
    return get(kernel);
  }

  /** Lets the kernel send; what comes out to the link. */
  List<byte[]> kernelSays(byte[]... frames) {
    put(kernel, frames);
    settle();
    return get(link);
  }

  private void settle() {
    int idle = 0;
    while (idle < 2) {
      idle = loop.step(now) == 0 ? idle + 1 : 0;
    }
  }

  private void put(PortQueue queue, byte[]... frames) {
    for (byte[] frame : frames) {
      assertTrue(bed.pool.take(table, 1));
      long mbuf = Memory.getLong(table);
      for (int at = 0; at < frame.length; at++) {
        Memory.putByte(Mbuf.data(mbuf) + at, frame[at]);
      }
      Mbuf.setLength(mbuf, frame.length);
      assertEquals(1, queue.send(table, 1));
    }
  }

  private List<byte[]> get(PortQueue queue) {
    int count = queue.receive(table, ROOM);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long mbuf = Memory.getLong(table + 8L * i);
      byte[] frame = new byte[Mbuf.dataLength(mbuf)];
      for (int at = 0; at < frame.length; at++) {
        frame[at] = Memory.getByte(Mbuf.data(mbuf) + at);
      }
      frames.add(frame);
    }
    bed.pool.free(table, count);
    return frames;
  }

  /**
   * Bytes that the worker allocates while it deals with frames over and over, a millisecond each.
   */
  long allocated(int rounds, byte[]... frames) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = 0;
    for (int round = 0; round < rounds; round++) {
      put(link, frames);
      now += 1_000_000;
      long before = threads.getCurrentThreadAllocatedBytes();
      loop.step(now);
      loop.step(now);
      allocated += threads.getCurrentThreadAllocatedBytes() - before;
      bed.pool.free(table, link.receive(table, ROOM));
      bed.pool.free(table, kernel.receive(table, ROOM));
    }
    return allocated;
  }

  long counted(FastPathCounter counter) {
    return bed.counted(counter);
  }

  /** Fails unless exactly these frames came, in this order. */
  static void same(List<byte[]> found, byte[]... wanted) {
    HexFormat hex = HexFormat.ofDelimiter(" ");
    assertEquals(
        List.of(wanted).stream().map(hex::formatHex).toList(),
        found.stream().map(hex::formatHex).toList());
  }

  @Override
  public void close() throws java.io.IOException {
    loop.close();
    assertEquals(buffers, bed.pool.available(), "packet buffers that came back");
    for (Port port : ports) {
      port.close();
    }
    for (long ring : rings) {
      RingPort.free(bed.eal, ring);
    }
    arena.close();
    bed.close();
  }
}
