package io.synlev.netlink;

import io.synlev.ffi.Errno;
import io.synlev.memory.Memory;

/**
 * Walks the netlink messages of one datagram in place; netlink(7).
 *
 * <p>Never reads outside the datagram: a message that claims more than is left is shown with what
 * is left and {@link #isBroken()}, and ends the walk. Hot: reused, no allocation, no exception.
 */
public final class NetlinkMessages {

  private long next;
  private int left;
  private long address;
  private int length;
  private boolean broken;

  /** Starts at the first message of a datagram. */
  public void begin(long datagram, int bytes) {
    next = datagram;
    left = bytes;
    broken = false;
  }

  /**
   * Moves to the next message.
   *
   * @return false at the end; then {@link #isBroken()} tells whether bytes were left that are too
   *     few for a message
   */
  public boolean advance() {
    if (left < Netlink.HEADER_BYTES) {
      broken = left > 0;
      left = 0;
      return false;
    }
    address = next;
    int claimed = Memory.getInt(address + Netlink.LENGTH_OFFSET);
    if (claimed < Netlink.HEADER_BYTES || claimed > left) {
      broken = true;
      length = left;
      left = 0;
      return true;
    }
    length = claimed;
    int step = Netlink.align(claimed);
    next = address + step;
    left -= step; // below 0 when the last message's padding is not there
    return true;
  }

  /** Where the message starts, at its header. */
  public long address() {
    return address;
  }

  /** How many bytes of it are there, header included; at least 16. */
  public int length() {
    return length;
  }

  /** Whether the message's length was below its header's or above what is there. */
  public boolean isBroken() {
    return broken;
  }

  /** The message's type, 0 to 65535. */
  public int type() {
    return Memory.getShort(address + Netlink.TYPE_OFFSET) & 0xffff;
  }

  /**
   * Of a message of the type NLMSG_ERROR or NLMSG_DONE: the negative errno, or 0 for an
   * acknowledgement.
   */
  public int error() {
    return length < Netlink.ERROR_MESSAGE_BYTES
        ? -Errno.EIO.number()
        : Memory.getInt(address + Netlink.ERROR_OFFSET);
  }

  /** The sequence number; an answer has that of the request. */
  public int sequence() {
    return Memory.getInt(address + Netlink.SEQUENCE_OFFSET);
  }
}
