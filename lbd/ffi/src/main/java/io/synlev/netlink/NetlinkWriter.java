package io.synlev.netlink;

import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Writes one netlink message after the other into the same room: {@link #begin}, what the type
 * wants, {@link #finish}.
 *
 * <p>Numbers are in the machine's byte order unless the name says Be (network byte order). Who
 * writes more than the room holds has made a mistake and gets an exception; otherwise nothing is
 * allocated or thrown. Belongs to one thread at a time.
 */
public final class NetlinkWriter {

  private static final int NLA_F_NESTED = 0x8000;

  private final long start;
  private final int room;
  private int length;

  /**
   * Allocates the room.
   *
   * @param arena owns it
   * @param bytes of the longest message, a multiple of 4
   */
  public NetlinkWriter(Arena arena, int bytes) {
    start = arena.allocate(bytes, 8).address();
    room = bytes;
  }

  /** Starts a message with its header. */
  public void begin(int type, int flags, int sequence) {
    length = 0;
    long header = grow(Netlink.HEADER_BYTES);
    Memory.putShort(header + Netlink.TYPE_OFFSET, (short) type);
    Memory.putShort(header + Netlink.FLAGS_OFFSET, (short) flags);
    Memory.putInt(header + Netlink.SEQUENCE_OFFSET, sequence);
  }

  /** Zeroed room at the end, padded to a multiple of 4. */
  private long grow(int bytes) {
    int padded = Netlink.align(bytes);
    if (padded > room - length) {
      throw new IllegalStateException("a netlink message of more than " + room + " bytes");
    }
    long at = start + length;
    for (int i = 0; i < padded; i += 4) {
      Memory.putInt(at + i, 0);
    }
    length += padded;
    return at;
  }

  /** Appends what stands between header and attributes, up to four bytes of it; {@code a} first. */
  public void bytes(int a, int b, int c, int d) {
    long at = grow(4);
    Memory.putByte(at, (byte) a);
    Memory.putByte(at + 1, (byte) b);
    Memory.putByte(at + 2, (byte) c);
    Memory.putByte(at + 3, (byte) d);
  }

  /** Appends an int where it stands between header and attributes. */
  public void number(int value) {
    Memory.putInt(grow(4), value);
  }

  private long attribute(int type, int bytes) {
    long at = grow(Netlink.ATTRIBUTE_HEADER_BYTES + bytes);
    Memory.putShort(at, (short) (Netlink.ATTRIBUTE_HEADER_BYTES + bytes));
    Memory.putShort(at + 2, (short) type);
    return at + Netlink.ATTRIBUTE_HEADER_BYTES;
  }

  /** Appends an attribute of one byte. */
  public void attributeByte(int type, int value) {
    Memory.putByte(attribute(type, 1), (byte) value);
  }

  /** Appends an attribute of two bytes. */
  public void attributeShortBe(int type, int value) {
    Memory.putShortBe(attribute(type, 2), (short) value);
  }

  /** Appends an attribute of four bytes. */
  public void attributeInt(int type, int value) {
    Memory.putInt(attribute(type, 4), value);
  }

  /** Appends an attribute of four bytes. */
  public void attributeIntBe(int type, int value) {
    Memory.putIntBe(attribute(type, 4), value);
  }

  /** Appends an attribute of sixteen bytes, such as an IPv6 address. */
  public void attributeLongsBe(int type, long high, long low) {
    long at = attribute(type, 16);
    Memory.putLongBe(at, high);
    Memory.putLongBe(at + 8, low);
  }

  /** Appends an attribute of any bytes. */
  public void attribute(int type, byte[] value) {
    long at = attribute(type, value.length);
    for (int i = 0; i < value.length; i++) {
      Memory.putByte(at + i, value[i]);
    }
  }

  /**
   * Begins an attribute that consists of attributes.
   *
   * @return what {@link #endNest} wants
   */
  public int beginNest(int type) {
    int at = length;
    attribute(type | NLA_F_NESTED, 0);
    return at;
  }

  /** Ends the attribute that {@link #beginNest} began. */
  public void endNest(int nest) {
    Memory.putShort(start + nest, (short) (length - nest));
  }

  /** Ends the message: it is complete at {@link #address} now. */
  public void finish() {
    Memory.putInt(start + Netlink.LENGTH_OFFSET, length);
  }

  /** Where messages start. */
  public long address() {
    return start;
  }

  /** Bytes of the message, a multiple of 4. */
  public int length() {
    return length;
  }
}
