package io.synlev.dpdk;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Sends a packet to ourselves through a ring and compares what we read of it with what DPDK's own
 * functions say: a DPDK built with another layout is refused before it gets a real packet.
 */
final class SelfTest {

  private static final int LENGTH = 64;

  private final Eal eal;
  private final PacketPool pool;
  private final long table;

  private SelfTest(Eal eal, PacketPool pool, long table) {
    this.eal = eal;
    this.pool = pool;
    this.table = table;
  }

  /**
   * Runs it.
   *
   * @throws DpdkException naming the field that is not where it should be
   */
  static void run(Eal eal) throws DpdkException {
    PacketPool pool = PacketPool.create(eal, "selftest", new PoolOptions(127, 0, 256), -1);
    long ring = RingPort.ring(eal, "selftest", 64);
    try (Arena arena = Arena.ofConfined();
        Port port = RingPort.over(eal, "selftest", new long[] {ring}, new long[] {ring})) {
      new SelfTest(eal, pool, arena.allocate(16, 8).address()).check(port);
    }
    RingPort.free(eal, ring);
    pool.close();
  }

  private void check(Port port) throws DpdkException {
    expect("mempool.size", 127, pool.size());
    expect("dev_info.driver_name", "net_ring", port.info().driver());
    port.configure(PortOptions.DEFAULT, pool);
    port.start();
    expect("buffers in the pool", 127, pool.available());
    expect("dequeue", 0, pool.take(table, 1) ? 0 : 1);
    long mbuf = Memory.getLong(table);
    checkFresh(mbuf);
    Mbuf.setLength(mbuf, LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      Memory.putByte(Mbuf.data(mbuf) + i, (byte) (i * 7));
    }
    checkByDpdk(mbuf);
    PortQueue queue = port.queue(0);
    expect("tx_burst", 1, queue.send(table, 1));
    Memory.putLong(table, 0);
    expect("rx_burst", 1, queue.receive(table, 2));
    expect("the packet", mbuf, Memory.getLong(table));
    PortStatistics statistics = port.statistics();
    expect("stats.ipackets", 1, statistics.received());
    expect("stats.opackets", 1, statistics.sent());
    pool.free(table, 1);
    expect("buffers in the pool", 127, pool.available());
  }

  private void checkFresh(long mbuf) throws DpdkException {
    expect("mbuf.pool", pool.address(), Mbuf.pool(mbuf));
    expect("mbuf.buf_addr", mbuf + Layout2211.MBUF_BYTES, Mbuf.buffer(mbuf));
    expect("mbuf.buf_len", 256 + Mbuf.HEADROOM, Mbuf.bufferLength(mbuf));
  }

  /** DPDK's own check of an mbuf, and its copy, which it makes by the fields that we wrote. */
  private void checkByDpdk(long mbuf) throws DpdkException {
    long reason = table + 8;
    if (eal.libraries().mbuf("rte_mbuf_check").plain(mbuf, 1, reason, 0) != 0) {
      throw wrong("rte_mbuf_check", "a sound mbuf", Libraries.text(Memory.getLong(reason)));
    }
    long copy =
        eal.libraries().mbuf("rte_pktmbuf_copy").callLong(mbuf, pool.address(), 3, 40, 0, 0);
    expect("rte_pktmbuf_copy", true, copy > 0);
    expect("length of a copy", 40, Mbuf.dataLength(copy));
    expect("pkt_len of a copy", 40, Mbuf.packetLength(copy));
    expect("nb_segs of a copy", 1, Mbuf.segments(copy));
    for (int i = 0; i < 40; i++) {
      expect("byte " + i + " of a copy", (byte) ((i + 3) * 7), Memory.getByte(Mbuf.data(copy) + i));
    }
    Memory.putLong(table + 8, copy);
    pool.free(table + 8, 1);
  }

  private void expect(String what, Object expected, Object found) throws DpdkException {
    boolean isEqual =
        expected instanceof Number a && found instanceof Number b
            ? a.longValue() == b.longValue()
            : expected.equals(found);
    if (!isEqual) {
      throw wrong(what, expected, found);
    }
  }

  private DpdkException wrong(String what, Object expected, Object found) throws DpdkException {
    return new DpdkException(
        "the self-test of %s failed: %s should be %s and is %s"
            .formatted(eal.version(), what, expected, found),
        "this build has other layouts than Debian 12's: install " + Libraries.PACKAGES);
  }
}
