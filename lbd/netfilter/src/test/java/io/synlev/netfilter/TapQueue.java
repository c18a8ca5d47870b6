package io.synlev.netfilter;

import io.synlev.datapath.Action;
import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.ffi.Sockets;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/** Takes the packets out of a queue that came in by one interface, on the calling thread. */
final class TapQueue implements AutoCloseable {

  private static final int WAIT_MILLIS = 5000;

  private final Arena arena = Arena.ofConfined();
  private final QueueSocket socket;
  private final BatchLoop loop;

  TapQueue(int queue, int device, Consumer<byte[]> taker) throws Exception {
    QueueOptions options = FragmentQueues.queues(queue, queue).getFirst();
    socket = QueueSocket.open(Mnl.load(), NfqLibrary.load(), options);
    BatchLoop[] self = new BatchLoop[1];
    BatchDecider decider =
        new BatchDecider() {
          @Override
          public int markMask() {
            return 0;
          }

          @Override
          public void decideBatch(
              long[] addresses, int[] lengths, int count, long nowNanos, Decision[] out) {
            for (int i = 0; i < count; i++) {
              out[i].action = Action.DROP;
              if (self[0].inDevices()[i] == device) {
                taker.accept(Memory.slice(addresses[i], lengths[i]).toArray(ValueLayout.JAVA_BYTE));
              }
            }
          }
        };
    loop =
        new BatchLoop(
            arena, NfqLibrary.load(), socket.descriptor(), options, decider, new WorkerCounters());
    self[0] = loop;
    loop.awaitAnswer(QueueSocket.CONFIGURE);
    socket.sendConfiguration(true);
    while (!loop.hasAnswer()) {
      step();
    }
  }

  /** Waits for something and takes it. */
  void step() {
    if (Sockets.pollIn(socket.descriptor(), WAIT_MILLIS) <= 0) {
      throw new AssertionError("nothing came out of the queue");
    }
    loop.step();
  }

  @Override
  public void close() {
    socket.close();
    arena.close();
  }
}
