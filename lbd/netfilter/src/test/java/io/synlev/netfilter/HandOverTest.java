package io.synlev.netfilter;

import static io.synlev.netfilter.QueueTraffic.QUEUE;
import static io.synlev.netfilter.QueueTraffic.counters;
import static io.synlev.netfilter.QueueTraffic.queueUdp;
import static io.synlev.netfilter.QueueTraffic.receive;
import static io.synlev.netfilter.QueueTraffic.receiver;
import static io.synlev.netfilter.QueueTraffic.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.ffi.DescriptorChannel;
import io.synlev.ffi.Descriptors;
import io.synlev.ffi.Sockets;
import io.synlev.netfilter.BoundSockets.Queue;
import java.lang.foreign.Arena;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Queues go from one datapath to the next without being let go. */
@Timeout(20)
class HandOverTest {
  /** {@link ByteDecider} accepts packets that end with it. */
  private static final int ACCEPTED = 252;

  @TempDir Path temporary;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** Descriptors as another process would get them. */
  private BoundSockets passed(BoundSockets sockets) throws Exception {
    Path file = temporary.resolve("socket");
    try (DescriptorChannel.Listener listener = DescriptorChannel.listen(file);
        DescriptorChannel here = DescriptorChannel.connect(file);
        DescriptorChannel there = listener.accept(10_000)) {
      here.send("queues", sockets.queues().stream().mapToInt(Queue::descriptor).toArray());
      List<Integer> came = there.receive(10_000).descriptors();
      List<Queue> queues = new ArrayList<>();
      for (Queue queue : sockets.queues()) {
        queues.add(new Queue(queue.number(), queue.copyRange(), came.get(queues.size())));
      }
      return new BoundSockets(queues, null);
    }
  }

  private NfqueueDatapath started(QueueOptions... queues) throws Exception {
    NfqueueDatapath datapath = new NfqueueDatapath(List.of(queues), worker -> new ByteDecider());
    datapath.start(failure::set);
    return datapath;
  }

  private NfqueueDatapath heir(NfqueueDatapath former, QueueOptions... queues) throws Exception {
    NfqueueDatapath heir = new NfqueueDatapath(List.of(queues), worker -> new ByteDecider());
    heir.inherit(passed(former.share()));
    heir.open();
    return heir;
  }

  @Test
  void shouldLosePacketsToNeitherOfTwo() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          NfqueueDatapath serving = started(QueueOptions.of(QUEUE));
          final long portId = QueueStatus.read(QUEUE).orElseThrow().portId();
          try (DatagramChannel sender = DatagramChannel.open();
              DatagramChannel receiver = receiver()) {
            for (int round = 0; round < 20; round++) {
              send(sender, ACCEPTED);
              NfqueueDatapath heir = heir(serving, QueueOptions.of(QUEUE));
              send(sender, ACCEPTED);
              CountDownLatch last = new CountDownLatch(1);
              serving.pause(last::countDown);
              assertEquals(0, last.getCount());
              final Map<Integer, Long> ends = serving.ends();
              send(sender, ACCEPTED);
              heir.start(failure::set);
              assertTrue(heir.gapNanos(ends).orElseThrow() > 0);
              send(sender, ACCEPTED);
              serving.abandon();
              send(sender, ACCEPTED);
              for (int i = 0; i < 5; i++) {
                assertEquals(ACCEPTED, receive(receiver));
              }
              assertTrue(counters(heir).get("packets") >= 3);
              serving = heir;
            }
          }
          assertEquals(portId, QueueStatus.read(QUEUE).orElseThrow().portId());
          serving.stop();
          assertFalse(QueueStatus.read(QUEUE).isPresent());
          assertEquals(null, failure.get());
        });
  }

  @Test
  void shouldGoOnWhenNobodyTakesOver() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          NfqueueDatapath serving = started(QueueOptions.of(QUEUE));
          try (DatagramChannel sender = DatagramChannel.open();
              DatagramChannel receiver = receiver()) {
            NfqueueDatapath heir =
                heir(serving, QueueOptions.of(QUEUE), QueueOptions.of(QUEUE + 1));
            serving.pause(() -> {});
            send(sender, ACCEPTED);
            heir.abandon();
            assertFalse(QueueStatus.read(QUEUE + 1).isPresent());
            serving.resume(true);
            assertEquals(ACCEPTED, receive(receiver));
          }
          serving.stop();
          assertEquals(null, failure.get());
        });
  }

  @Test
  void shouldBringAboutTheNewSettings() throws Exception {
    TestNamespace.run(
        () -> {
          NfqueueDatapath serving =
              started(QueueOptions.of(QUEUE).withCopyRange(512), QueueOptions.of(QUEUE + 1));
          QueueOptions wanted = QueueOptions.of(QUEUE).withCopyRange(160);
          NfqueueDatapath heir = heir(serving, wanted, QueueOptions.of(QUEUE + 2));
          assertEquals(512, QueueStatus.read(QUEUE).orElseThrow().copyRange());
          serving.pause(() -> {});
          heir.start(failure::set);
          serving.abandon();
          assertEquals(160, QueueStatus.read(QUEUE).orElseThrow().copyRange());
          assertEquals(160, heir.queueSettings().getFirst().copyRange());
          assertFalse(QueueStatus.read(QUEUE + 1).isPresent(), "nobody wants it any more");
          assertTrue(QueueStatus.read(QUEUE + 2).isPresent());
          heir.stop();
          assertEquals(null, failure.get());
        });
  }

  @Test
  void shouldHaveItsOwnSettingsAgainWhenTheNextOneHasBegunAndFailed() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          QueueOptions own = QueueOptions.of(QUEUE).withCopyRange(512).withReceiveBuffer(1 << 20);
          QueueOptions others =
              own.withCopyRange(160).withQueueLength(1).withReceiveBuffer(1 << 17);
          NfqueueDatapath serving = started(own);
          final QueueSettings before = serving.queueSettings().getFirst();
          NfqueueDatapath heir = heir(serving, others);
          serving.pause(() -> {});
          heir.start(failure::set);
          heir.abandon();
          assertEquals(160, QueueStatus.read(QUEUE).orElseThrow().copyRange());
          serving.resume(true);
          assertEquals(512, QueueStatus.read(QUEUE).orElseThrow().copyRange());
          assertEquals(before, serving.queueSettings().getFirst());
          try (DatagramChannel sender = DatagramChannel.open();
              DatagramChannel receiver = receiver()) {
            serving.pause(() -> {}); // so that more wait than the other one had room for
            send(sender, ACCEPTED, ACCEPTED, ACCEPTED);
            serving.resume(false);
            for (int i = 0; i < 3; i++) {
              assertEquals(ACCEPTED, receive(receiver));
            }
          }
          serving.stop();
          assertEquals(null, failure.get());
        });
  }

  @Test
  void shouldDropWhatAReaderThatIsGoneHadReceived() throws Exception {
    TestNamespace.run(
        () -> {
          queueUdp();
          NfqueueDatapath serving = started(QueueOptions.of(QUEUE));
          int gone = passed(serving.share()).queues().getFirst().descriptor();
          try (DatagramChannel sender = DatagramChannel.open();
              DatagramChannel receiver = receiver();
              Arena arena = Arena.ofConfined()) {
            serving.pause(() -> {});
            // The request that woke the thread may have been answered too late to be read.
            long room = arena.allocate(4096).address();
            while (Sockets.receive(gone, room, 4096, Sockets.MSG_DONTWAIT) > 0) {}
            send(sender, ACCEPTED, ACCEPTED);
            assertTrue(Sockets.receive(gone, room, 4096, 0) > 0);
            assertTrue(Sockets.receive(gone, room, 4096, 0) > 0);
            assertEquals(2, QueueStatus.read(QUEUE).orElseThrow().waiting());
            Descriptors.close(gone);
            serving.resume(true);
            send(sender, ACCEPTED);
            assertEquals(ACCEPTED, receive(receiver));
            while (QueueStatus.read(QUEUE).orElseThrow().waiting() > 0) {
              Thread.onSpinWait();
            }
          }
          serving.stop();
          assertEquals(null, failure.get());
        });
  }
}
