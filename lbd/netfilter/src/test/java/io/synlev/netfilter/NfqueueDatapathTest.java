package io.synlev.netfilter;

import static io.synlev.netfilter.QueueTraffic.QUEUE;
import static io.synlev.netfilter.QueueTraffic.counters;
import static io.synlev.netfilter.QueueTraffic.queueUdp;
import static io.synlev.netfilter.QueueTraffic.receive;
import static io.synlev.netfilter.QueueTraffic.receiver;
import static io.synlev.netfilter.QueueTraffic.send;
import static io.synlev.netfilter.QueueTraffic.sendUntilDecided;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against the kernel of this machine, each test in a network namespace of its own. */
@Timeout(60)
class NfqueueDatapathTest {

  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private NfqueueDatapath datapath(QueueOptions... queues) {
    return new NfqueueDatapath(List.of(queues), worker -> new ByteDecider());
  }

  private void start(NfqueueDatapath datapath) throws Exception {
    datapath.start(failure::set);
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
            if (third.receiveBuffer() != 2 << 23) { // the root of a user namespace cannot force it
              Path limit = Path.of("/proc/sys/net/core/rmem_max");
              int most = Integer.parseInt(Files.readAllLines(limit).getFirst()); // in one read(2)
              assertEquals(2 * most, third.receiveBuffer());
              assertTrue(third.toString().contains("raise net.core.rmem_max"), third.toString());
            }
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

  /** A method that is compiled anew may run interpreted once and box a few longs meanwhile. */
  @Test
  void shouldAllocateNothingOnceCompiled() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          NfqueueDatapath datapath = datapath(QueueOptions.of(QUEUE).withBatch(17));
          datapath.warmUp(new ByteDecider(), List.of(), 50_000);
          start(datapath);
          List<Long> growths = new ArrayList<>();
          try (DatagramChannel sender = DatagramChannel.open()) {
            sendUntilDecided(datapath, sender, 50_000);
            for (int window = 0; window < 5 && !growths.contains(0L); window++) {
              growths.add(growthOver200kPackets(datapath, sender));
            }
          } finally {
            datapath.stop();
          }
          assertTrue(growths.contains(0L), "bytes in each window of 200,000 packets: " + growths);
        });
  }

  private static long growthOver200kPackets(NfqueueDatapath datapath, DatagramChannel sender)
      throws Exception {
    long before = counters(datapath).get("allocated-bytes");
    long packets = counters(datapath).get("packets");
    sendUntilDecided(datapath, sender, packets + 200_000);
    return counters(datapath).get("allocated-bytes") - before;
  }
}
