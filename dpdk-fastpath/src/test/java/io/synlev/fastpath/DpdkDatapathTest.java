package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Datapath;
import io.synlev.datapath.DatapathProvider;
import io.synlev.datapath.WorkerStatistics;
import io.synlev.dpdk.Dpdk;
import io.synlev.dpdk.DpdkException;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.Port;
import io.synlev.nat.NatOptions;
import io.synlev.state.Forwarding;
import io.synlev.state.HashOn;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DpdkDatapathTest {

  @TempDir Path directory;

  private static DatapathProvider provider() {
    return ServiceLoader.load(DatapathProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.name().equals("dpdk"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Timeout(60)
  void shouldForwardUntilItIsStopped() throws Exception {
    Dpdk.eal();
    Path in = directory.resolve("in.pcap");
    Path out = directory.resolve("out.pcap");
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      frames.add(Frame.of("10.7.0.1", "198.51.100.1").ports(1000 + i, 80).bytes());
    }
    Pcap.write(in, frames);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (FastPathBed bed = new FastPathBed(directory)) {
      Datapath datapath =
          provider()
              .create(
                  List.of(
                      "port=net_pcapdp,rx_pcap=" + in + ",tx_pcap=" + out,
                      "router-mac=02:dd:00:00:00:01",
                      "cores=0",
                      "answer-vips=off",
                      "idle=50",
                      "flows=4096",
                      "buffers=2047"),
                  (worker, held, flows) -> bed.withMemory(held));
      assertEquals(List.of(), datapath.statistics());
      datapath.start(failure::set);
      assertTrue(datapath.settings().get("dpdk").startsWith("DPDK 22.11"));
      assertTrue(datapath.settings().get("net_pcapdp").contains("driver net_pcap"));
      while (sent(datapath) < 500 && failure.get() == null) {
        Thread.onSpinWait();
      }
      datapath.stop();
      datapath.stop();
      assertNull(failure.get());
      assertEquals(500, Pcap.read(out).size());
      assertEquals(500, sent(datapath), "still readable");
      WorkerStatistics ports = datapath.statistics().getLast();
      assertEquals(500, ports.counters().get("net_pcapdp-received"));
      assertThrows(IllegalStateException.class, () -> datapath.start(failure::set));
    }
  }

  private static long sent(Datapath datapath) {
    return datapath.statistics().getFirst().counters().get("sent");
  }

  @Test
  @Timeout(60)
  void shouldGiveTablesBackAlthoughAPortCannotBeClosed() throws Exception {
    Eal eal = Dpdk.eal();
    try (FastPathBed bed = new FastPathBed(directory)) {
      Datapath datapath =
          provider()
              .create(
                  List.of(
                      "port=net_nullgone",
                      "cores=0",
                      "idle=50",
                      "flows=4096",
                      "buffers=2047",
                      "nat-sources=10.1.0.50",
                      "nat-sessions=64"),
                  (worker, held, flows) -> bed.withMemory(held));
      datapath.start(_ -> {});
      String entry = "free-tcp-ports-10.1.0.50";
      assertEquals(64512, room(datapath).get(entry));
      datapath.stop(() -> closeBehindItsBack(eal, "net_nullgone"));
      assertNull(room(datapath).get(entry), "there is no table any more");
    }
  }

  private static Map<String, Long> room(Datapath datapath) {
    return datapath.statistics().stream()
        .filter(worker -> worker.worker().equals("nat"))
        .findFirst()
        .orElseThrow()
        .counters();
  }

  private static void closeBehindItsBack(Eal eal, String device) {
    try {
      Port port = Port.attach(eal, device);
      port.start(); // it runs already, and only what was started is stopped
      port.close();
    } catch (DpdkException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldLeaveNothingOpenWhenAPortIsMissing() throws Exception {
    Dpdk.eal();
    Datapath datapath =
        provider().create(List.of("port=net_nosuch0"), (worker, held, flows) -> null);
    Exception missing = assertThrows(java.io.IOException.class, () -> datapath.start(_ -> {}));
    assertTrue(missing.getMessage().contains("'net_nosuch0'"), missing::getMessage);
    datapath.stop();
  }

  @Test
  void shouldReadOptions() {
    FastPathOptions options =
        OptionTexts.parse(
            List.of(
                "port=0000:03:00.0",
                "out-port=0000:03:00.1",
                "cores=2,3",
                "main-core=1",
                "driver=net_ixgbe",
                "hugepages=1024",
                "eal-args=--numa-mem 512,512",
                "mtu=9000",
                "checksums=offload",
                "own-ipv4=192.0.2.9",
                "flows=2000000",
                "insertions=5000",
                "timeouts=udp=30,syn=10"));
    assertEquals(List.of("0000:03:00.0", "0000:03:00.1"), options.eal().devices());
    assertEquals(List.of(2, 3), options.cores());
    assertEquals(1, options.eal().core());
    assertEquals(1024, options.eal().megabytes());
    assertEquals(List.of("--numa-mem", "512,512"), options.eal().more());
    assertEquals(2, options.ports().queues());
    assertEquals(9000, options.forwarding().mtu());
    assertEquals(2_000_000, options.connections().flows());
    assertEquals(5000, options.connections().insertions());
    assertEquals(30, options.connections().timeouts().udp());
    assertEquals(7500, options.connections().timeouts().tcpEstablished());
    assertEquals(
        256 + 144, OptionTexts.parse(List.of("port=net_tap0")).eal().megabytes(), "a million");
    assertEquals(256, OptionTexts.parse(List.of("port=net_tap0", "flows=0")).eal().megabytes());
    assertTrue(options.forwarding().checksumOffload() && options.ports().checksumOffload());
    assertFalse(options.hasOneArm());
    assertTrue(OptionTexts.parse(List.of("port=net_tap0")).hasOneArm());
    assertEquals(2, provider().workers(List.of("port=net_tap0", "cores=0,1")));
  }

  @Test
  void shouldReadWhatItIsOnItsLink() {
    FastPathOptions options =
        OptionTexts.parse(
            List.of(
                "port=net_af_packet0,iface=eth0",
                "driver=net_af_packet",
                "own-ipv4=10.1.0.2/24",
                "own-ipv6=2001:db8::2",
                "router-ipv4=10.1.0.1",
                "answer-vips=off",
                "neighbours=64",
                "exception=tap:host0"));
    NeighbourOptions neighbours = options.neighbours();
    assertEquals("10.1.0.2", neighbours.ownIpv4().getHostAddress());
    assertEquals(neighbours.ownIpv4(), options.forwarding().ownIpv4());
    assertEquals(24, neighbours.linkIpv4());
    assertEquals(128, neighbours.linkIpv6());
    assertEquals("10.1.0.1", neighbours.routerIpv4().getHostAddress());
    assertFalse(neighbours.answersForVips());
    assertEquals(64, neighbours.most());
    assertEquals(List.of("net_af_packet", "net_tap"), options.eal().drivers());
    assertEquals(
        "net_tap_host0,iface=host0,mac=02:00:5e:10:00:01",
        options.exceptionDevice(0x0200_5e10_0001L));
    FastPathOptions plain = OptionTexts.parse(List.of("port=net_tap0", "exception=drop"));
    assertEquals("", plain.exception());
    assertTrue(plain.neighbours().answersForVips());
  }

  @Test
  void shouldReadHowToTranslate() {
    FastPathOptions options =
        OptionTexts.parse(
            List.of(
                "port=net_tap0",
                "cores=0,1",
                "flows=0",
                "timeouts=udp=30",
                "nat-sources=10.1.0.50-10.1.0.51,fd00::50",
                "nat-ports=2000-2999",
                "nat-sessions=1000",
                "nat-time-wait=60"));
    NatOptions nat = options.nat();
    assertEquals("[10.1.0.50/32, 10.1.0.51/32, fd00::50/128]", nat.sources().toString());
    assertEquals(3, options.neighbours().sources().size());
    assertEquals(2, nat.workers());
    assertEquals(500, nat.portsPerWorker());
    assertEquals(1000, nat.sessions());
    assertEquals(30, nat.timeouts().udp());
    assertEquals(60, nat.timeWait());
    assertEquals(
        256 + Math.ceilDiv(2 * nat.bytes(), 1 << 20), options.eal().megabytes(), "both tables");
    FastPathOptions without = OptionTexts.parse(List.of("port=net_tap0"));
    assertNull(without.nat());
    assertEquals(List.of(), without.neighbours().sources());
  }

  @Test
  void shouldSayWhichPoolsItCannotTranslateFor() {
    PoolSettings plain = new PoolSettings("p", 997, 4, Policy.MAGLEV, HashOn.TUPLE, 0);
    List<Prefix> vips = List.of(Prefix.parse("192.0.2.1"), Prefix.parse("2001:db8::1"));
    List<String> ipv4 = List.of("port=net_tap0", "nat-sources=10.1.0.50");
    String objection = objection(ipv4, plain.with(Forwarding.NAT), vips);
    assertTrue(
        objection.startsWith(
            "pool 'p' has forwarding nat and the VIP 2001:db8::1/128, and there is no IPv6 address"),
        objection);
    assertEquals("", objection(ipv4, plain.with(Forwarding.NAT), vips.subList(0, 1)));
    assertEquals("", objection(List.of("port=net_tap0"), plain, vips));
    objection = objection(List.of("port=net_tap0", "nat-sources=192.0.2.1"), plain, vips);
    assertTrue(objection.contains("the source 192.0.2.1/32 of nat-sources is in it"), objection);
  }

  private static String objection(List<String> options, PoolSettings pool, List<Prefix> vips) {
    return provider().objection(options, Map.of(pool, vips)).orElse("");
  }

  @Test
  void shouldSayWhichOptionIsWrong() {
    wrong("nat-ports needs nat-sources=ADDRESS", "port=net_tap0", "nat-ports=1-2");
    String source = "nat-sources=10.1.0.50";
    wrong("nat-ports=70000 is out of range", "port=net_tap0", source, "nat-ports=1-70000");
    wrong("nat-ports= is out of range", "port=net_tap0", source, "nat-ports=5-");
    wrong("last source port 2 is out of range", "port=net_tap0", source, "nat-ports=3-2");
    wrong("are fewer than 2 workers", "port=net_tap0", source, "nat-ports=3-3", "cores=0,1");
    wrong("nat-sessions=9 is out of range", "port=net_tap0", source, "nat-sessions=9");
    wrong("needs a port");
    wrong("flows=9000000 is out of range: use 0 to 8388608", "port=net_tap0", "flows=9000000");
    wrong("'x=1' is no KIND=SECONDS", "port=net_tap0", "timeouts=x=1");
    wrong(
        "hugepages=512 is too few: connection tables take 1152 MB; use 1168 or more (584 pages",
        "port=net_tap0",
        "flows=8388608",
        "hugepages=512");
    wrong("isolation=yes: use auto, off or required", "port=net_tap0", "isolation=yes");
    wrong("'speed=9' is no option of dpdk", "port=net_tap0", "speed=9");
    wrong("'burst' is no option of dpdk: write NAME=VALUE", "port=net_tap0", "burst");
    wrong("burst=0 is out of range: use 1 to 256", "port=net_tap0", "burst=0");
    wrong("checksums=maybe: use software or offload", "port=net_tap0", "checksums=maybe");
    wrong("router-mac=1 is no MAC address", "port=net_tap0", "router-mac=1");
    wrong("own-ipv4=::1 is no such address", "port=net_tap0", "own-ipv4=::1");
    wrong("own-ipv6=x is no such address", "port=net_tap0", "own-ipv6=x");
    wrong("own-ipv4=33 is out of range: use 0 to 32", "port=net_tap0", "own-ipv4=10.1.0.2/33");
    wrong("router-ipv4=10.0.0.1/24 is no such", "port=net_tap0", "router-ipv4=10.0.0.1/24");
    wrong("xdp=some: use vips or all", "port=net_tap0", "xdp=some");
  }

  private static void wrong(String message, String... options) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> OptionTexts.parse(List.of(options)));
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }
}
