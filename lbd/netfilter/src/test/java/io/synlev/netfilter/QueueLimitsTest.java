package io.synlev.netfilter;

import static io.synlev.netfilter.QueueTraffic.QUEUE;
import static io.synlev.netfilter.QueueTraffic.VIP;
import static io.synlev.netfilter.QueueTraffic.counters;
import static io.synlev.netfilter.QueueTraffic.queueUdp;
import static io.synlev.netfilter.QueueTraffic.receive;
import static io.synlev.netfilter.QueueTraffic.receiver;
import static io.synlev.netfilter.QueueTraffic.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel does at the limits of a queue, each test in a network namespace of its own. */
@Timeout(60)
class QueueLimitsTest {

  /** Decides nothing until it is let go, so that packets pile up behind the first. */
  private static final class HeldDecider implements BatchDecider {
    private final ByteDecider decider = new ByteDecider();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    public int markMask() {
      return decider.markMask();
    }

    @Override
    public void decideBatch(
        long[] addresses, int[] lengths, int count, long nowNanos, Decision[] out) {
      entered.countDown();
      boolean interrupted = false;
      while (released.getCount() > 0) {
        try {
          released.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      decider.decideBatch(addresses, lengths, count, nowNanos, out);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final HeldDecider held = new HeldDecider();

  private NfqueueDatapath started(QueueOptions options, BatchDecider decider) throws Exception {
    NfqueueDatapath datapath = new NfqueueDatapath(List.of(options), worker -> decider);
    datapath.start(
        failure -> {
          throw new AssertionError(failure);
        });
    return datapath;
  }

  @Test
  void shouldDropWhenTheQueueIsFull() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          NfqueueDatapath datapath = started(QueueOptions.of(QUEUE).withQueueLength(3), held);
          try (DatagramChannel receiver = receiver();
              DatagramChannel sender = DatagramChannel.open()) {
            send(sender, 252);
            held.entered.await();
            send(sender, 252, 252, 249, 249, 249);
            QueueStatus status = QueueStatus.read(QUEUE).orElseThrow();
            assertEquals(3, status.waiting());
            assertEquals(3, status.queueDropped());
            assertEquals(3, counters(datapath).get("kernel-queue-dropped"));
            held.released.countDown();
            for (int i = 0; i < 3; i++) {
              assertEquals(252, receive(receiver));
            }
          } finally {
            held.released.countDown();
            datapath.stop();
          }
        });
  }

  @Test
  void shouldPassUndecidedWhenTheQueueIsFullAndFailsOpen() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          QueueOptions options = QueueOptions.of(QUEUE).withQueueLength(1).withFailOpen(true);
          NfqueueDatapath datapath = started(options, held);
          try (DatagramChannel receiver = receiver();
              DatagramChannel sender = DatagramChannel.open()) {
            send(sender, 250);
            held.entered.await();
            send(sender, 250, 253); // both would be dropped by the decider
            assertEquals(250, receive(receiver));
            assertEquals(253, receive(receiver));
          } finally {
            held.released.countDown();
            datapath.stop();
          }
        });
  }

  @Test
  void shouldCountVerdictsForPacketsThatTheKernelGaveUp() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          NfqueueDatapath datapath = started(QueueOptions.of(QUEUE), held);
          try (DatagramChannel sender = DatagramChannel.open()) {
            send(sender, 252);
            held.entered.await();
            TestNamespace.command("ip link set lo down"); // drops what was queued from it
            held.released.countDown();
            while (counters(datapath).get("errors-enoent") < 1) {
              Thread.onSpinWait();
            }
            assertEquals(0, counters(datapath).get("send-errors"));
          } finally {
            held.released.countDown();
            datapath.stop();
          }
        });
  }

  @Test
  void shouldTellPacketsCutByTheCopyRange() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          ByteDecider decider = new ByteDecider();
          decider.reason = Reason.TRUNCATED_L4_HEADER;
          NfqueueDatapath datapath = started(QueueOptions.of(QUEUE).withCopyRange(128), decider);
          try (DatagramChannel receiver = receiver();
              DatagramChannel sender = DatagramChannel.open()) {
            byte[] content = new byte[1000];
            Arrays.fill(content, (byte) 252);
            sender.send(ByteBuffer.wrap(content), new InetSocketAddress(VIP, 5000));
            assertEquals(252, receive(receiver));
            content = Arrays.copyOf(content, 100); // 128 with the headers: not cut
            sender.send(ByteBuffer.wrap(content), new InetSocketAddress(VIP, 5000));
            assertEquals(252, receive(receiver));
          } finally {
            datapath.stop();
          }
          assertEquals(2, counters(datapath).get("packets"));
          assertEquals(1, counters(datapath).get("packets-cut"));
          assertEquals(1, counters(datapath).get("cut-by-copy-range"));
        });
  }

  @Test
  void shouldServeIpv6AndSeveralQueues() throws Exception {
    TestNamespace.run(
        () -> {
          TestNamespace.command("ip -6 addr add 1000::1/64 dev lo nodad");
          TestNamespace.command(
              "ip6tables -t mangle -A PREROUTING -d 1000::1 -p udp -j NFQUEUE --queue-balance 3:4");
          for (int i = 2; i < 34; i++) {
            TestNamespace.command("ip -6 addr add 1000::" + i + "/64 dev lo nodad");
          }
          List<QueueOptions> queues = List.of(QueueOptions.of(3), QueueOptions.of(4));
          NfqueueDatapath datapath = new NfqueueDatapath(queues, worker -> new ByteDecider());
          datapath.start(failure -> {});
          try (DatagramChannel receiver = receiver("1000::1")) {
            for (int i = 2; i < 34; i++) {
              try (DatagramChannel sender = DatagramChannel.open()) {
                sender.bind(new InetSocketAddress(InetAddress.getByName("1000::" + i), 0));
                send("1000::1", sender, 251);
                assertEquals(251, receive(receiver));
              }
            }
          } finally {
            datapath.stop();
          }
          List<Long> marked =
              datapath.statistics().stream().map(one -> one.counters().get("marked")).toList();
          assertEquals(32, marked.stream().mapToLong(Long::longValue).sum());
          assertTrue(marked.stream().allMatch(count -> count > 0), "spread: " + marked);
        });
  }
}
