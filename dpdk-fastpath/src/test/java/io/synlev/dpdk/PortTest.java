package io.synlev.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortTest {

  private static final PoolOptions SMALL = new PoolOptions(511, 0, 2048);

  private final Eal eal = Dpdk.eal();

  @Test
  void shouldCountWhatNullDeviceMakesAndSwallows() throws Exception {
    PacketPool pool = PacketPool.create(eal, "null", SMALL, -1);
    try (Arena arena = Arena.ofConfined();
        Port port = Port.attach(eal, "net_null0,size=100")) {
      long table = arena.allocate(32 * 8, 8).address();
      port.configure(PortOptions.DEFAULT, pool);
      port.start();
      PortQueue queue = port.queue(0);
      assertEquals(32, queue.receive(table, 32));
      for (int i = 0; i < 32; i++) {
        assertEquals(100, Mbuf.packetLength(Memory.getLong(table + 8L * i)));
        assertEquals(port.number(), Mbuf.port(Memory.getLong(table + 8L * i)));
      }
      assertEquals(511 - 32, pool.available());
      assertEquals(20, queue.send(table, 20));
      pool.free(table + 20 * 8, 12);
      assertEquals(511, pool.available());
      PortStatistics statistics = port.statistics();
      assertEquals(32, statistics.received());
      assertEquals(20, statistics.sent());
      assertTrue(port.link().up());
      assertEquals(10_000, port.link().megabits(), "net_null says 10 Gb/s");
    }
    pool.close();
  }

  @Test
  void shouldTellPacketsThatFoundNoBuffer(@TempDir Path directory) throws Exception {
    // pcap-savefile(5): a header of 24 bytes, then one packet of 60 bytes behind 16.
    ByteBuffer capture = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
    capture.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    capture.putInt(16, 65535).putInt(20, 1).putInt(32, 60).putInt(36, 60);
    Path file = Files.write(directory.resolve("in.pcap"), capture.array());
    PacketPool pool = PacketPool.create(eal, "nobuf", new PoolOptions(64, 0, 2048), -1);
    try (Arena arena = Arena.ofConfined();
        Port port = Port.attach(eal, "net_pcapnb,rx_pcap=" + file)) {
      long table = arena.allocate(64 * 8, 8).address();
      port.configure(PortOptions.DEFAULT, pool);
      port.start();
      assertTrue(pool.take(table, 64));
      assertFalse(pool.take(table, 1), "all or none");
      PortQueue queue = port.queue(0);
      long room = arena.allocate(8, 8).address();
      assertEquals(0, queue.receive(room, 1));
      assertEquals(1, port.statistics().noBuffer());
      pool.free(table, 64);
      assertEquals(64, pool.available());
    }
    pool.close();
  }

  @Test
  void shouldKeepRssTableAndKey() throws Exception {
    PacketPool pool = PacketPool.create(eal, "rss", SMALL, -1);
    try (Port port = Port.attach(eal, "net_null2")) {
      port.configure(PortOptions.DEFAULT.withQueues(4), pool);
      Rss rss = new Rss(eal, port);
      int[] queues = new int[port.info().rssTable()];
      assertTrue(queues.length >= 64, "entries: " + queues.length);
      for (int i = 0; i < queues.length; i++) {
        queues[i] = i * 7 % 4;
      }
      rss.setTable(queues);
      assertArrayEquals(queues, rss.table());
      byte[] key = new byte[40];
      for (int i = 0; i < key.length; i++) {
        key[i] = (byte) (i * 11);
      }
      rss.setKey(key);
      assertArrayEquals(key, rss.key());
    }
    pool.close();
  }

  @Test
  void shouldSayWhatAPortCannot() throws Exception {
    PacketPool pool = PacketPool.create(eal, "cannot", SMALL, -1);
    long ring = RingPort.ring(eal, "cannot", 64);
    try (Port port = RingPort.over(eal, "cannot", new long[] {ring}, new long[] {ring})) {
      DpdkException queues =
          assertThrows(
              DpdkException.class, () -> port.configure(PortOptions.DEFAULT.withQueues(2), pool));
      assertTrue(queues.getMessage().contains("2 queues on port"), queues::getMessage);
      assertFalse(port.info().canOffloadIpv4Checksum());
      assertThrows(
          DpdkException.class,
          () -> port.configure(PortOptions.DEFAULT.withChecksumOffload(true), pool));
    }
    RingPort.free(eal, ring);
    DpdkException unknown =
        assertThrows(DpdkException.class, () -> Port.attach(eal, "net_nosuch0"));
    assertTrue(unknown.getMessage().contains("net_nosuch0"), unknown::getMessage);
    DpdkException absent = assertThrows(DpdkException.class, () -> Port.named(eal, "0000:99:00.0"));
    assertTrue(absent.getMessage().contains("vfio-pci"), absent::getMessage);
    pool.close();
  }

  @Test
  void shouldRegisterAndPinWorkers() throws Exception {
    int[] numbers = new int[2];
    String[] affinity = new String[1];
    Thread worker =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    Workers.register(eal, 0);
                    numbers[0] = Workers.number(eal);
                    affinity[0] = Affinity.ofThisThread();
                    Workers.unregister(eal);
                    numbers[1] = Workers.number(eal);
                  } catch (java.io.IOException e) {
                    affinity[0] = e.getMessage();
                  }
                });
    worker.join();
    assertTrue(numbers[0] > 0 && numbers[0] < 128, "number " + numbers[0]);
    assertEquals(-1, numbers[1], "LCORE_ID_ANY");
    assertEquals("0", affinity[0]);
  }

  @Test
  void shouldRefuseAProcessorThatIsNotThere() throws Exception {
    String[] message = new String[1];
    Thread worker =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    Workers.register(eal, 1023);
                  } catch (DpdkException e) {
                    message[0] = e.getMessage();
                  }
                });
    worker.join();
    assertTrue(message[0].contains("processor 1023"), message[0]);
  }

  @Test
  void shouldSayWhyAVirtualDeviceTakesNoRules() throws Exception {
    PacketPool pool = PacketPool.create(eal, "flow", SMALL, -1);
    try (Port port = Port.attach(eal, "net_null4")) {
      port.configure(PortOptions.DEFAULT, pool);
      FlowRule rule = new FlowRule(new byte[] {(byte) 192, 0, 2, 1}, 32, new int[] {0});
      assertFalse(rule.validate(eal, port).isEmpty());
      assertFalse(rule.create(eal, port).isEmpty());
    }
    pool.close();
  }

  /** As a NIC on the PCI bus, or what {@code --vdev} makes: our first port does not make it. */
  @Test
  void shouldOpenADeviceAgainThatTheEalHasFound() throws Exception {
    String device = "net_null11,size=100";
    int made =
        eal.run(() -> eal.libraries().eal("rte_dev_probe").plain(Text.lasting(device), 0, 0, 0));
    assertEquals(0, made);
    for (int i = 0; i < 3; i++) {
      PacketPool pool = PacketPool.create(eal, "again", SMALL, -1);
      try (Arena arena = Arena.ofConfined();
          Port port = Port.attach(eal, "net_null11")) {
        long table = arena.allocate(8, 8).address();
        port.configure(PortOptions.DEFAULT, pool);
        port.start();
        assertEquals(1, port.queue(0).receive(table, 1));
        assertEquals(100, Mbuf.packetLength(Memory.getLong(table)), "with its arguments");
        pool.free(table, 1);
      }
      pool.close();
    }
  }

  @Test
  void shouldRunOnlyOnce() {
    assertThrows(IllegalStateException.class, () -> Eal.start(EalOptions.of(java.util.List.of())));
  }
}
