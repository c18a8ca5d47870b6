package io.synlev.netfilter;

import io.synlev.datapath.Action;
import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.ffi.DatagramBatch;
import io.synlev.ffi.Errno;
import io.synlev.ffi.Sockets;
import io.synlev.memory.Memory;
import io.synlev.netlink.Netlink;
import io.synlev.netlink.NetlinkMessages;
import java.lang.foreign.Arena;

/**
 * One step of a worker: receive datagrams, decide about their packets, send the verdicts.
 *
 * <p>Every packet whose id can be read gets exactly one verdict, whatever else its message holds.
 * Hot: no allocation, no lock, no exception, no clock but one a batch. Belongs to one thread at a
 * time.
 */
final class BatchLoop {

  /**
   * More than everything beside the packet in a message: headers 20, packet header 12, mark 8,
   * interfaces 32, hardware address 16, time 20, capture length 8, skb info 8, VLAN 20, link header
   * up to 132, priority 8, payload header and padding 8.
   */
  private static final int MESSAGE_OVERHEAD = 320;

  /** A send that fails this often is given up; each failure is short of memory in the kernel. */
  private static final int SEND_ATTEMPTS = 16;

  private final int descriptor;
  private final BatchDecider decider;
  private final WorkerCounters counters;
  private final DatagramBatch datagrams;
  private final NetlinkMessages messages = new NetlinkMessages();
  private final PacketMessage packet = new PacketMessage();
  private final PacketBatch batch;
  private final VerdictBuffer verdicts;
  private final int markMask;

  private int awaitedSequence;
  private int answer;

  /** The one thing that another thread may wait for; written when an answer comes, and seldom. */
  private volatile boolean answered;

  /**
   * Allocates everything there will ever be.
   *
   * @param arena owns the buffers
   * @param descriptor the netlink socket, or one end of a datagram pair
   */
  BatchLoop(
      Arena arena,
      NfqLibrary library,
      int descriptor,
      QueueOptions options,
      BatchDecider decider,
      WorkerCounters counters) {
    this.descriptor = descriptor;
    this.decider = decider;
    this.counters = counters;
    markMask = decider.markMask();
    datagrams = new DatagramBatch(arena, options.batch(), options.copyRange() + MESSAGE_OVERHEAD);
    batch = new PacketBatch(options.batch());
    verdicts = new VerdictBuffer(arena, library, options.queue(), options.batch());
  }

  /**
   * Waits for datagrams and deals with all that are there, up to the batch's size.
   *
   * @return how many datagrams, or a negative errno that the caller must not ignore
   */
  int step() {
    int received = datagrams.receive(descriptor);
    if (received < 0) {
      return countReceiveError(received);
    }
    counters.add(QueueCounter.RECEIVE_CALLS, 1);
    counters.add(QueueCounter.DATAGRAMS, received);
    for (int i = 0; i < received; i++) {
      if (datagrams.isTruncated(i)) {
        counters.add(QueueCounter.DATAGRAMS_TRUNCATED, 1);
      }
      takeDatagram(datagrams.address(i), datagrams.length(i));
    }
    if (!batch.isEmpty()) {
      finishBatch();
    }
    return received;
  }

  private int countReceiveError(int error) {
    if (Errno.EINTR.is(error)) {
      counters.add(QueueCounter.RECEIVE_INTERRUPTED, 1);
      return 0;
    }
    if (Errno.EAGAIN.is(error)) {
      counters.add(QueueCounter.RECEIVE_AGAIN, 1);
      return 0;
    }
    if (Errno.ENOBUFS.is(error)) {
      counters.add(QueueCounter.RECEIVE_ENOBUFS, 1);
      return 0;
    }
    return error;
  }

  /** Reads one datagram in place; the tests' door to the parser. */
  void takeDatagram(long address, int length) {
    messages.begin(address, length);
    while (messages.advance()) {
      takeMessage();
    }
    if (messages.isBroken() || length == 0) {
      counters.add(QueueCounter.MESSAGES_BAD_LENGTH, 1);
    }
  }

  private void takeMessage() {
    int type = messages.type();
    if (type == Nfqueue.MSG_PACKET) {
      takePacket();
    } else if (messages.isBroken()) {
      return; // counted where the walk ends
    } else if (type == Netlink.NLMSG_ERROR) {
      takeError();
    } else if (type == Netlink.NLMSG_OVERRUN) {
      counters.add(QueueCounter.OVERRUNS, 1);
    } else if (type != Netlink.NLMSG_NOOP && type != Netlink.NLMSG_DONE) {
      counters.add(QueueCounter.MESSAGES_UNKNOWN, 1);
    }
  }

  private void takePacket() {
    QueueCounter fault = packet.read(messages.address(), messages.length());
    if (messages.isBroken()) {
      if (packet.hasId()) {
        batch.addDrop(packet.id());
      }
    } else if (fault != null) {
      counters.add(fault, 1);
      if (packet.hasId()) {
        batch.addDrop(packet.id());
      }
    } else {
      batch.add(packet);
    }
    if (batch.isFull()) {
      finishBatch();
    }
  }

  private void takeError() {
    if (messages.length() < Netlink.ERROR_MESSAGE_BYTES) {
      counters.add(QueueCounter.MESSAGES_BAD_LENGTH, 1);
      return;
    }
    int error = Memory.getInt(messages.address() + Netlink.ERROR_OFFSET);
    int sequence = messages.sequence();
    if (sequence != 0 && sequence == awaitedSequence) {
      answer = error;
      answered = true;
    } else if (Errno.ENOENT.is(error)) {
      counters.add(QueueCounter.ERRORS_ENOENT, 1);
    } else if (Errno.ENODEV.is(error)) {
      counters.add(QueueCounter.ERRORS_ENODEV, 1);
    } else if (Errno.EPERM.is(error)) {
      counters.add(QueueCounter.ERRORS_EPERM, 1);
    } else if (error != 0) {
      counters.add(QueueCounter.ERRORS_OTHER, 1);
    }
  }

  /** By packet of the batch that is being decided, the interface it came in by. */
  int[] inDevices() {
    return batch.inDevices;
  }

  /** Decides what has been collected and sends the verdicts. */
  void finishBatch() {
    int packets = batch.packets();
    verdicts.clear();
    if (packets > 0) {
      decider.decideBatch(
          batch.addresses, batch.lengths, packets, System.nanoTime(), batch.decisions);
      counters.add(QueueCounter.BATCHES, 1);
      counters.add(QueueCounter.PACKETS, packets);
      counters.raise(QueueCounter.LARGEST_BATCH, packets);
      putVerdicts(packets);
    }
    int drops = batch.drops();
    for (int i = 0; i < drops; i++) {
      verdicts.put(batch.dropIds[i], Nfqueue.NF_DROP, 0);
    }
    if (drops > 0) {
      counters.add(QueueCounter.DROPPED, drops);
    }
    batch.clear();
    send();
  }

  private void putVerdicts(int packets) {
    int accepted = 0;
    int marked = 0;
    int cut = 0;
    for (int i = 0; i < packets; i++) {
      Decision decision = batch.decisions[i];
      int mark = batch.marks[i];
      int verdict = Nfqueue.NF_ACCEPT;
      if (decision.action == Action.MARK) {
        mark = (mark & ~markMask) | (decision.mark & markMask);
        marked++;
      } else if (decision.action == Action.ACCEPT) {
        accepted++;
      } else {
        verdict = Nfqueue.NF_DROP;
      }
      verdicts.put(batch.ids[i], verdict, mark);
      if (batch.cut[i]) {
        cut++;
        countCut(decision);
      }
    }
    counters.add(QueueCounter.ACCEPTED, accepted);
    counters.add(QueueCounter.MARKED, marked);
    counters.add(QueueCounter.DROPPED, packets - accepted - marked);
    counters.add(QueueCounter.PACKETS_CUT, cut);
  }

  private void countCut(Decision decision) {
    if (decision.reason.isTruncation()) {
      counters.add(QueueCounter.CUT_BY_COPY_RANGE, 1);
    }
  }

  private void send() {
    for (int attempt = 0; attempt < SEND_ATTEMPTS; attempt++) {
      counters.add(QueueCounter.SEND_CALLS, 1);
      long sent = Sockets.send(descriptor, verdicts.address(), verdicts.bytes(), 0);
      if (sent >= 0) {
        return;
      }
      counters.add(QueueCounter.SEND_ERRORS, 1);
    }
    counters.add(QueueCounter.VERDICTS_LOST, verdicts.count());
  }

  /** The id of the first packet of the latest batch that was decided. */
  int firstId() {
    return batch.ids[0];
  }

  /** Makes {@link #hasAnswer()} wait for the kernel's answer to the request of this sequence. */
  void awaitAnswer(int sequence) {
    awaitedSequence = sequence;
    answered = false;
  }

  /** Whether the awaited answer has come; any thread. */
  boolean hasAnswer() {
    return answered;
  }

  /** 0 when the request was acknowledged, otherwise the negative errno. */
  int answer() {
    return answer;
  }
}
