package io.synlev.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against the kernel of this machine, each test in a network namespace of its own. */
@Timeout(60)
class NfqueueDatapathTest {

  private static final int QUEUE = 7;
  private static final String VIP = "10.9.0.1";
  private static final int PORT = 5000;

  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private NfqueueDatapath datapath(QueueOptions... queues) {
    return new NfqueueDatapath(List.of(queues), worker -> new ByteDecider());
  }

  private void start(NfqueueDatapath datapath) throws Exception {
    datapath.start(failure::set);
  }

  private static Map<String, Long> counters(NfqueueDatapath datapath) {
    return datapath.statistics().getFirst().counters();
  }

  private static void queueUdp() throws Exception {
    TestNamespace.command("ip addr add 10.9.0.1/24 dev lo");
    TestNamespace.command(
        "iptables -t mangle -A PREROUTING -d " + VIP + " -p udp -j NFQUEUE --queue-num " + QUEUE);
  }

  private static DatagramChannel receiver() throws Exception {
    DatagramChannel channel = DatagramChannel.open();
    channel.bind(new InetSocketAddress(InetAddress.getByName(VIP), PORT));
    return channel;
  }

  private static void send(DatagramChannel from, int... lastBytes) throws Exception {
    InetSocketAddress to = new InetSocketAddress(InetAddress.getByName(VIP), PORT);
    for (int last : lastBytes) {
      from.send(ByteBuffer.wrap(new byte[] {1, 2, 3, (byte) last}), to);
    }
  }

  private static int receive(DatagramChannel channel) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    channel.receive(buffer);
    return buffer.get(buffer.position() - 1) & 0xff;
  }

  @Test
  void shouldPassDropAndMarkWhatTheDeciderSays() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          TestNamespace.command(
              "iptables -t mangle -I PREROUTING -j MARK --set-xmark 0xab1234/0xffffffff");
          TestNamespace.command("iptables -t mangle -A INPUT -m mark --mark 0xab00fb/0xffffffff");
          TestNamespace.command("iptables -t mangle -A INPUT -m mark --mark 0xab1234/0xffffffff");
          NfqueueDatapath datapath = datapath(QueueOptions.of(QUEUE));
          start(datapath);
          try (DatagramChannel receiver = receiver();
              DatagramChannel sender = DatagramChannel.open()) {
            // 250 % 3 = 1 drop, 251 % 3 = 2 mark 251 = 0xfb, 252 % 3 = 0 pass
            send(sender, 250, 251, 252, 250, 251);
            assertEquals(251, receive(receiver));
            assertEquals(252, receive(receiver));
            assertEquals(251, receive(receiver));
          } finally {
            datapath.stop();
          }
          List<String> counts =
              TestNamespace.command("iptables -t mangle -L INPUT -v -n -x")
                  .lines()
                  .filter(line -> line.contains("mark match"))
                  .map(line -> line.trim().split(" ")[0])
                  .toList();
          assertEquals(List.of("2", "1"), counts, "marked with foreign bits kept, untouched");
          assertEquals(5, counters(datapath).get("packets"));
          assertEquals(2, counters(datapath).get("marked"));
          assertEquals(1, counters(datapath).get("accepted"));
          assertEquals(2, counters(datapath).get("dropped"));
        });
  }

  @Test
  void shouldReportWhatIsInForce() throws Exception {
    TestNamespace.run(
        () -> {
          NfqueueDatapath datapath =
              datapath(
                  QueueOptions.of(3).withCopyRange(160).withReceiveBuffer(1 << 23),
                  QueueOptions.of(4).withFailOpen(true).withGso(false));
          start(datapath);
          try {
            QueueSettings third = datapath.queueSettings().getFirst();
            assertEquals(160, third.copyRange());
            assertEquals(2 << 23, third.receiveBuffer());
            QueueStatus status = QueueStatus.read(3).orElseThrow();
            assertEquals(third.portId(), status.portId());
            assertEquals(2, status.copyMode());
            assertTrue(QueueStatus.read(4).isPresent());
            assertTrue(datapath.settings().get("queue-4").contains("fail-open on, gso off"));
          } finally {
            datapath.stop();
          }
          assertEquals(List.of(), QueueStatus.readAll());
        });
  }

  @Test
  void shouldNameWhoHoldsTheQueueAndBindOnceItIsFree() throws Exception {
    TestNamespace.run(
        () -> {
          NfqueueDatapath first = datapath(QueueOptions.of(QUEUE));
          start(first);
          NfqueueDatapath second = datapath(QueueOptions.of(6), QueueOptions.of(QUEUE));
          NativeException refused = assertThrows(NativeException.class, () -> start(second));
          assertEquals(Errno.EPERM.number(), refused.errno());
          long portId = first.queueSettings().getFirst().portId();
          long pid = ProcessHandle.current().pid();
          String expected =
              "queue 7 is held by netlink port id " + portId + ", process " + pid + " (";
          assertTrue(refused.getMessage().startsWith(expected), refused.getMessage());
          assertFalse(QueueStatus.read(6).isPresent(), "a failed start leaves nothing bound");
          first.stop();
          NfqueueDatapath third = datapath(QueueOptions.of(QUEUE));
          start(third);
          third.stop();
        });
  }

  @Test
  void shouldStopUnderTraffic() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          try (DatagramChannel sender = DatagramChannel.open()) {
            for (int round = 0; round < 20; round++) {
              NfqueueDatapath datapath = datapath(QueueOptions.of(QUEUE));
              start(datapath);
              while (counters(datapath).get("packets") < 200) {
                send(sender, 250, 250, 250, 250);
              }
              datapath.stop();
              datapath.stop();
              assertFalse(QueueStatus.read(QUEUE).isPresent());
            }
          }
          assertEquals(null, failure.get());
        });
  }

  @Test
  void shouldAllocateNothingPerPacket() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          NfqueueDatapath datapath = datapath(QueueOptions.of(QUEUE).withBatch(17));
          datapath.warmUp(new ByteDecider(), List.of(), 50_000);
          start(datapath);
          try (DatagramChannel sender = DatagramChannel.open()) {
            sendUntilDecided(datapath, sender, 50_000);
            long before = counters(datapath).get("allocated-bytes");
            sendUntilDecided(datapath, sender, 250_000);
            assertEquals(before, counters(datapath).get("allocated-bytes"));
          } finally {
            datapath.stop();
          }
        });
  }

  private static void sendUntilDecided(
      NfqueueDatapath datapath, DatagramChannel sender, int packets) throws Exception {
    while (counters(datapath).get("packets") < packets) {
      for (int i = 0; i < 100; i++) {
        send(sender, 250, 253);
      }
    }
  }
}
