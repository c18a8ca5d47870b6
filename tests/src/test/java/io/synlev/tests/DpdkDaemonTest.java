package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.StateDirectory;
import io.synlev.tests.support.Await;
import io.synlev.tests.support.Commands;
import io.synlev.tests.support.Commands.Result;
import io.synlev.tests.support.Dpdk;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.RunningCommand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon with DPDK instead of queues, between capture files. */
class DpdkDaemonTest {
  private static final int PACKETS = 300;
  private static final int FILE_HEADER = 24;
  private static final int RECORD_HEADER = 16;
  private static final int FRAME = 60;

  @TempDir Path directory;

  @BeforeEach
  void needDpdk() {
    Dpdk.require("net_pcap", "net_ring", "mempool_ring");
    synlev("magctl", "create", "--vip", "192.0.2.1/32", "--backends", "s1,mac=02:bb:00:00:00:01")
        .orFail();
  }

  @Test
  void shouldForwardPacketsAndGiveHugePagesBack() throws Exception {
    Path in = directory.resolve("in.pcap");
    Path out = directory.resolve("out.pcap");
    Files.write(in, capture());
    long hugePages = Dpdk.hugePages();
    try (RunningCommand lbd =
        start(
            "lbd",
            "--datapath",
            "dpdk",
            "--dpdk",
            "port=net_pcap0,rx_pcap=" + in + ",tx_pcap=" + out,
            "--dpdk",
            "driver=net_pcap,net_ring",
            "--dpdk",
            "hugepages=64",
            "--dpdk",
            "answer-vips=off",
            "--dpdk",
            "flows=65536",
            "--dpdk",
            "idle=100")) {
      Await.until("all are sent", () -> sent(lbd) == PACKETS);
      assertEquals("dpdk", call("status").text("datapath"));
      assertEquals(PACKETS, call("stats").object("reasons").number("forwarded-udp"));
      assertTrue(synlev("magctl", "show").orFail().out().contains(" without queues\n"));
      assertEquals(PACKETS, call("flows.count").number("flows"));
      String stats = synlev("magctl", "stats", "--flows").orFail().out();
      assertTrue(stats.startsWith("dpdk: 300 packets to services, 0.0 % of known flows\n"), stats);
      assertTrue(stats.contains("  miss udp    300"), stats);
      assertEquals(
          "300 flows are forgotten\n",
          synlev("magctl", "flows", "flush", "--backend", "s1").orFail().out());
      assertEquals("no flows\n", synlev("magctl", "flows", "list").orFail().out());
      lbd.terminate();
      assertEquals(0, lbd.waitFor().exit(), lbd::err);
    }
    byte[] sent = Files.readAllBytes(out);
    assertEquals(FILE_HEADER + PACKETS * (RECORD_HEADER + FRAME), sent.length);
    long to = ByteBuffer.wrap(sent).getLong(FILE_HEADER + RECORD_HEADER) >>> 16;
    assertEquals(0x02bb_0000_0001L, to);
    assertEquals(hugePages, Dpdk.hugePages());
  }

  @Test
  void shouldSayWhatToInstall() {
    Result missing =
        synlev("lbd", "--datapath", "dpdk", "--dpdk", "port=net_x0", "--dpdk", "driver=net_x");
    assertEquals(1, missing.exit());
    assertTrue(missing.err().contains("apt-get install librte-net-x23"), missing::err);
  }

  @Test
  void shouldRefuseOptionsThatAreWrong() {
    wrong("dpdk needs a port", "--datapath", "dpdk");
    wrong("no datapath 'xdp' is installed", "--datapath", "xdp");
    wrong("dpdk needs a port", "--dpdk", "cores=0");
    wrong("'speed=9' is no option of dpdk", "--datapath", "dpdk", "--dpdk", "speed=9");
  }

  @Test
  void shouldListItsOptions() {
    Result help = synlev("lbd", "--datapath", "dpdk", "--help");
    assertEquals(0, help.exit(), help::toString);
    assertTrue(help.out().contains("\n  nat-sources=ADDRESS[-ADDRESS]"), help::toString);
    assertFalse(synlev("lbd", "--help").out().contains("nat-sources="));
  }

  private void wrong(String message, String... options) {
    List<String> command = new ArrayList<>(List.of("lbd"));
    command.addAll(List.of(options));
    Result result = synlev(command.toArray(String[]::new));
    assertEquals(2, result.exit(), result::err);
    assertTrue(result.err().contains(message), result::err);
  }

  private long sent(RunningCommand lbd) {
    if (!lbd.isAlive()) {
      throw new AssertionError("lbd ended: " + lbd.err());
    }
    try {
      return call("stats").objects("workers").getFirst().number("sent");
    } catch (ControlException notYet) {
      return -1;
    }
  }

  private Json call(String method) {
    return Json.of(ControlClient.ask(new StateDirectory(state(), "t"), method, Map.of()));
  }

  private Path state() {
    return directory.resolve("state");
  }

  private Result synlev(String... command) {
    return Commands.run(all(command), environment());
  }

  private RunningCommand start(String... command) {
    return Commands.start(all(command), environment());
  }

  private static List<String> all(String... command) {
    List<String> all = new ArrayList<>(List.of(Requirements.home().resolve("synlev").toString()));
    all.addAll(List.of(command));
    return all;
  }

  private Map<String, String> environment() {
    return Map.of("SYNLEV_STATE_DIR", state().toString(), "SYNLEV_INSTANCE", "t");
  }

  /** UDP packets of different flows to the VIP: pcap-savefile(5). */
  private static byte[] capture() {
    ByteBuffer out =
        ByteBuffer.allocate(FILE_HEADER + PACKETS * (RECORD_HEADER + FRAME))
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0);
    out.putInt(65535).putInt(1);
    for (int i = 0; i < PACKETS; i++) {
      out.putLong(0).putInt(FRAME).putInt(FRAME);
      ByteBuffer frame = ByteBuffer.allocate(FRAME);
      frame.position(12);
      frame.putShort((short) 0x0800).putInt(0x4500002e).putInt(0).put((byte) 64).put((byte) 17);
      frame.putShort((short) 0).putInt(0x0a070001).putInt(0xc0000201);
      frame.putShort((short) (1024 + i)).putShort((short) 53).putShort((short) 26);
      out.put(frame.array());
    }
    return out.array();
  }
}
