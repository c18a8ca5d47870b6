package io.synlev.netfilter;

import io.synlev.ffi.Sockets;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A batch loop whose kernel is the other end of a datagram socketpair. */
final class LoopOnSocketPair implements AutoCloseable {

  static final int QUEUE = 0xfedc;
  private static final int SOCK_NONBLOCK = 0x800; // a loop that would wait is told EAGAIN

  final WorkerCounters counters = new WorkerCounters();
  final ByteDecider decider = new ByteDecider();
  final BatchLoop loop;
  private final int[] pair = new int[2];
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment room = arena.allocate(1 << 16, 8);

  LoopOnSocketPair(QueueOptions options) throws Exception {
    Sockets.socketPair(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | SOCK_NONBLOCK, pair);
    QueueOptions mine = options.withQueue(QUEUE);
    loop = new BatchLoop(arena, NfqLibrary.load(), pair[0], mine, decider, counters);
  }

  /** Sends datagrams to the loop. */
  void send(byte[]... datagrams) {
    for (byte[] datagram : datagrams) {
      MemorySegment.copy(datagram, 0, room, ValueLayout.JAVA_BYTE, 0, datagram.length);
      long sent = Sockets.send(pair[1], room.address(), datagram.length, 0);
      if (sent != datagram.length) {
        throw new AssertionError("send: " + sent);
      }
    }
  }

  /** Takes every verdict that the loop has sent. */
  List<Verdict> verdicts() {
    List<Verdict> all = new ArrayList<>();
    long bytes;
    while ((bytes = Sockets.receive(pair[1], room.address(), room.byteSize(), 0)) > 0) {
      byte[] sent = new byte[(int) bytes];
      for (int i = 0; i < sent.length; i++) {
        sent[i] = Memory.getByte(room.address() + i);
      }
      all.addAll(Verdict.decode(sent, QUEUE));
    }
    return all;
  }

  long count(QueueCounter counter) {
    return counters.get(counter);
  }

  void closeLoopsEnd() {
    closeEnd(0);
  }

  void closeOtherEnd() {
    closeEnd(1);
  }

  private void closeEnd(int end) {
    if (pair[end] >= 0) {
      Sockets.close(pair[end]);
      pair[end] = -1;
    }
  }

  @Override
  public void close() {
    closeLoopsEnd();
    closeOtherEnd();
    arena.close();
  }
}
