package io.synlev.netfilter;

import io.synlev.datapath.BatchDecider;
import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * Runs the batch loop over a datagram socketpair before a queue is bound, so that the first real
 * packet meets compiled code.
 *
 * <p>The loop is another object of the same class with its own counters: nothing that happens here
 * is counted as traffic, as long as the caller's decider counts elsewhere too.
 */
final class WarmUp implements AutoCloseable {

  /** Some packets of ours, some of a stranger's marks. */
  private static final int FOREIGN_MARK = 0x00ab_0000;

  private final Arena arena = Arena.ofConfined();
  private final int[] pair = new int[2];
  private final BatchLoop loop;
  private final WorkerCounters counters = new WorkerCounters();
  private final long[] messages;
  private final int[] lengths;
  private final long reply;
  private final int replyBytes;

  /**
   * Prepares the messages.
   *
   * @param decider must not count what it decides as traffic
   * @param packets from the IP header on
   */
  WarmUp(NfqLibrary library, QueueOptions options, BatchDecider decider, List<byte[]> packets)
      throws NativeException {
    int type = Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC;
    NativeException.check(
        Sockets.socketPair(Sockets.AF_UNIX, type, pair), "socketpair(AF_UNIX, SOCK_DGRAM)");
    loop = new BatchLoop(arena, library, pair[0], options, decider, counters);
    messages = new long[packets.size()];
    lengths = new int[packets.size()];
    for (int i = 0; i < messages.length; i++) {
      byte[] packet = packets.get(i);
      int copied = Math.min(packet.length, options.copyRange());
      lengths[i] = PacketMessageWriter.bytes(copied);
      messages[i] = arena.allocate(lengths[i], 8).address();
      PacketMessageWriter.write(messages[i], options.queue(), i, FOREIGN_MARK, packet, copied);
    }
    replyBytes = options.batch() * VerdictBuffer.MESSAGE_BYTES;
    reply = arena.allocate(replyBytes, 8).address();
  }

  /**
   * Decides about at least so many packets.
   *
   * @throws NativeException when the pair of sockets fails
   */
  void run(int packets) throws NativeException {
    int next = 0;
    while (counters.get(QueueCounter.PACKETS) < packets) {
      next = fill(next);
      NativeException.check(loop.step(), "recvmmsg on a socketpair");
      drain();
    }
  }

  private int fill(int first) throws NativeException {
    int i = first;
    while (true) {
      long sent = Sockets.send(pair[1], messages[i], lengths[i], Sockets.MSG_DONTWAIT);
      if (Errno.EAGAIN.is(sent)) {
        return i;
      }
      NativeException.check(sent, "send on a socketpair");
      i = i + 1 == messages.length ? 0 : i + 1;
    }
  }

  private void drain() {
    while (Sockets.receive(pair[1], reply, replyBytes, Sockets.MSG_DONTWAIT) > 0) {
      Memory.getInt(reply);
    }
  }

  @Override
  public void close() {
    Sockets.close(pair[0]);
    Sockets.close(pair[1]);
    arena.close();
  }
}
