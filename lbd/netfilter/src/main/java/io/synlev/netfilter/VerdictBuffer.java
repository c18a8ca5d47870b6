package io.synlev.netfilter;

import io.synlev.memory.Memory;
import io.synlev.netlink.Netlink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The verdict messages of a batch, one behind the other, sent as one datagram.
 *
 * <pre>
 *   0  nlmsghdr   length 40, NFQNL_MSG_VERDICT, NLM_F_REQUEST, sequence 0, port id 0
 *   16 nfgenmsg   family 0, version 0, be16 queue number
 *   20 nlattr     length 12, NFQA_VERDICT_HDR
 *   24            be32 verdict
 *   28            be32 packet id
 *   32 nlattr     length 8, NFQA_MARK
 *   36            be32 mark
 * </pre>
 *
 * <p>libnetfilter_queue writes every message once; a verdict then stores only verdict, id and mark.
 * All have a mark, so all have one length and no branch: a packet that is passed untouched gets the
 * mark it has. No message asks for an acknowledgement; an error comes back unasked. Hot: no
 * allocation. Belongs to one thread at a time.
 */
final class VerdictBuffer {

  static final int MESSAGE_BYTES = 40;
  static final int VERDICT_OFFSET = 24;
  static final int ID_OFFSET = 28;
  static final int MARK_OFFSET = 36;

  private final MemorySegment buffer;
  private final long address;
  private int count;

  /**
   * Writes the messages' constant parts.
   *
   * @param arena owns the memory
   * @param queue the queue's number
   * @param capacity the most verdicts at once
   */
  VerdictBuffer(Arena arena, NfqLibrary library, int queue, int capacity) {
    buffer = arena.allocate((long) capacity * MESSAGE_BYTES, 64);
    address = buffer.address();
    for (int i = 0; i < capacity; i++) {
      long message = address + (long) i * MESSAGE_BYTES;
      library.begin(message, NfqLibrary.VERDICT, queue);
      library.verdict(message, 0, Nfqueue.NF_DROP);
      library.mark(message, 0);
      int length = Memory.getInt(message + Netlink.LENGTH_OFFSET);
      if (length != MESSAGE_BYTES) {
        throw new IllegalStateException(
            "libnetfilter_queue writes verdicts of " + length + " bytes instead of 40");
      }
    }
  }

  /** Forgets the verdicts. */
  void clear() {
    count = 0;
  }

  /** Appends a verdict; there must be room. */
  void put(int id, int verdict, int mark) {
    long message = address + (long) count++ * MESSAGE_BYTES;
    Memory.putIntBe(message + VERDICT_OFFSET, verdict);
    Memory.putIntBe(message + ID_OFFSET, id);
    Memory.putIntBe(message + MARK_OFFSET, mark);
  }

  /** How many verdicts there are. */
  int count() {
    return count;
  }

  /** Where the first message starts. */
  long address() {
    return address;
  }

  /** Bytes of all messages. */
  int bytes() {
    return count * MESSAGE_BYTES;
  }
}
