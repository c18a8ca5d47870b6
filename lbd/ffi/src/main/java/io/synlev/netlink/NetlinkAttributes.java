package io.synlev.netlink;

import io.synlev.memory.Memory;

/**
 * Walks the attributes of a message, or of an attribute that consists of attributes, in place;
 * struct nlattr and, of the same shape, struct rtattr.
 *
 * <p>Never reads outside the bytes it was given: an attribute that claims more ends the walk. Hot:
 * reused, no allocation, no exception.
 */
public final class NetlinkAttributes {

  private static final int TYPE_OFFSET = 2;

  private long next;
  private long end;
  private long address;
  private int length;
  private int type;

  /** Starts at the first of the attributes in these bytes; there may be none. */
  public void begin(long attributes, int bytes) {
    next = attributes;
    end = attributes + bytes;
  }

  /** Starts at the first attribute of a message, behind what else its type has there. */
  public void begin(NetlinkMessages message, int otherBytes) {
    int before = Netlink.HEADER_BYTES + Netlink.align(otherBytes);
    begin(message.address() + before, message.length() - before);
  }

  /** Starts at the first attribute inside the one where another walk is. */
  public void beginInside(NetlinkAttributes outer) {
    begin(outer.address, outer.length);
  }

  /** Moves to the next attribute; false at the end, or where the bytes are none. */
  public boolean advance() {
    if (end - next < Netlink.ATTRIBUTE_HEADER_BYTES) {
      return false;
    }
    int claimed = Memory.getShort(next) & 0xffff;
    if (claimed < Netlink.ATTRIBUTE_HEADER_BYTES || claimed > end - next) {
      next = end;
      return false;
    }
    type = Memory.getShort(next + TYPE_OFFSET) & Netlink.ATTRIBUTE_TYPE_MASK;
    address = next + Netlink.ATTRIBUTE_HEADER_BYTES;
    length = claimed - Netlink.ATTRIBUTE_HEADER_BYTES;
    next += Netlink.align(claimed);
    return true;
  }

  /** The attribute's type, without flags. */
  public int type() {
    return type;
  }

  /** Where its content starts. */
  public long address() {
    return address;
  }

  /** Bytes of its content, 0 or more. */
  public int length() {
    return length;
  }

  /** Whether its content has at least so many bytes. */
  public boolean has(int bytes) {
    return length >= bytes;
  }

  /** A copy of its content. */
  public byte[] bytes() {
    byte[] copy = new byte[length];
    for (int i = 0; i < length; i++) {
      copy[i] = Memory.getByte(address + i);
    }
    return copy;
  }
}
