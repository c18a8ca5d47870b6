package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Room for several datagrams that one recvmmsg(2) fills, in one off-heap block.
 *
 * <pre>
 *   struct mmsghdr (64 bytes) x count        struct iovec (16 bytes) x count   slots
 *   +-- msghdr ----------------------------+ +----------+----------+           +--------------+
 *   | 0 name  8 namelen  16 iov  24 iovlen | | 0 base   | 8 length | x count   | slot 0 .. n  |
 *   | 32 control  40 controllen  48 flags  | +----------+----------+           +--------------+
 *   | 56 msg_len                           |
 *   +--------------------------------------+
 * </pre>
 *
 * <p>Offsets of recvmmsg(2) and recvmsg(2) on 64-bit Linux. {@link #receive} neither allocates nor
 * throws. Belongs to one thread at a time.
 */
public final class DatagramBatch {

  private static final int MMSGHDR_BYTES = 64;
  private static final int IOVEC_BYTES = 16;
  private static final int MSG_IOV_OFFSET = 16;
  private static final int MSG_IOVLEN_OFFSET = 24;
  private static final int MSG_FLAGS_OFFSET = 48;
  private static final int MSG_LEN_OFFSET = 56;
  private static final int IOV_LENGTH_OFFSET = 8;

  /** Slots start on cache lines. */
  private static final int SLOT_ALIGNMENT = 64;

  private final int count;
  private final int slotBytes;
  private final MemorySegment block;
  private final long vector;
  private final long slots;

  /**
   * Allocates everything there will ever be.
   *
   * @param arena owns the memory
   * @param count the most datagrams at once, 1 to 1024 (the kernel's UIO_MAXIOV)
   * @param slotBytes room for each datagram, rounded up to a multiple of 64; what is longer arrives
   *     cut
   */
  public DatagramBatch(Arena arena, int count, int slotBytes) {
    if (count < 1 || count > 1024) {
      throw new IllegalArgumentException("batch of " + count + ": must be 1 to 1024");
    }
    this.count = count;
    this.slotBytes = Math.ceilDiv(slotBytes, SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
    long headers = (long) count * (MMSGHDR_BYTES + IOVEC_BYTES);
    long slotsOffset = Math.ceilDiv(headers, SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
    block = arena.allocate(slotsOffset + (long) count * this.slotBytes, SLOT_ALIGNMENT);
    vector = block.address();
    slots = vector + slotsOffset;
    for (int i = 0; i < count; i++) {
      long header = (long) i * MMSGHDR_BYTES;
      long iovec = (long) count * MMSGHDR_BYTES + (long) i * IOVEC_BYTES;
      block.set(ValueLayout.JAVA_LONG, header + MSG_IOV_OFFSET, vector + iovec);
      block.set(ValueLayout.JAVA_LONG, header + MSG_IOVLEN_OFFSET, 1);
      block.set(ValueLayout.JAVA_LONG, iovec, address(i));
      block.set(ValueLayout.JAVA_LONG, iovec + IOV_LENGTH_OFFSET, this.slotBytes);
    }
  }

  /**
   * Waits for a datagram and takes up to {@link #capacity()} of those that are there.
   *
   * @return how many were received, or a negative errno
   */
  public int receive(int descriptor) {
    return Sockets.receiveMany(descriptor, vector, count, Sockets.MSG_WAITFORONE);
  }

  /** The most datagrams at once. */
  public int capacity() {
    return count;
  }

  /** Room for each datagram in bytes. */
  public int slotBytes() {
    return slotBytes;
  }

  /** Where datagram {@code index} starts. */
  public long address(int index) {
    return slots + (long) index * slotBytes;
  }

  /** How many bytes of datagram {@code index} were received, 0 to {@link #slotBytes()}. */
  public int length(int index) {
    return block.get(ValueLayout.JAVA_INT, (long) index * MMSGHDR_BYTES + MSG_LEN_OFFSET);
  }

  /** Whether datagram {@code index} was longer than its slot. */
  public boolean isTruncated(int index) {
    int flags = block.get(ValueLayout.JAVA_INT, (long) index * MMSGHDR_BYTES + MSG_FLAGS_OFFSET);
    return (flags & Sockets.MSG_TRUNC) != 0;
  }
}
