package io.synlev.magctl.pcap;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads pcapng (draft-ietf-opsawg-pcapng): blocks of type, length, body and length again, padded to
 * four bytes. Blocks that are not packets, interfaces or sections are stepped over.
 */
final class PcapngReader extends CaptureReader {
  /** Reads the same in either byte order. */
  static final int SECTION_HEADER = 0x0a0d0d0a;

  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
  private static final int INTERFACE = 1;
  private static final int OLD_PACKET = 2;
  private static final int SIMPLE_PACKET = 3;
  private static final int ENHANCED_PACKET = 6;
  private static final int OPTION_END = 0;
  private static final int OPTION_TIME_RESOLUTION = 9;
  private static final int OPTION_TIME_OFFSET = 14;

  /** Type and both lengths. */
  private static final int BLOCK_OVERHEAD = 12;

  /** Where the options of an interface stand: behind link type, nothing, and snap length. */
  private static final int INTERFACE_OPTIONS_AT = 8;

  /** Interface, time, both lengths. */
  private static final int PACKET_HEADER = 20;

  /** An interface; ticks are as long as {@code resolution} says, and start at {@code offset}. */
  private record Source(int linkType, int snapLength, byte resolution, long offsetSeconds) {
    long nanos(long ticks) {
      int exponent = resolution & 0x7f;
      double perTick = resolution < 0 ? Math.scalb(1e9, -exponent) : 0;
      long nanos = resolution < 0 ? (long) (ticks * perTick) : decimal(ticks, exponent);
      return nanos + offsetSeconds * NANOS_PER_SECOND;
    }

    private static long decimal(long ticks, int exponent) {
      long nanos = ticks;
      for (int i = exponent; i < 9; i++) {
        nanos *= 10;
      }
      for (int i = 9; i < exponent; i++) {
        nanos /= 10;
      }
      return nanos;
    }
  }

  private final List<Source> sources = new ArrayList<>();
  private ByteOrder order = ByteOrder.BIG_ENDIAN;

  /** Reads on behind the type of the first block. */
  PcapngReader(InputStream in) throws IOException {
    super(in);
    section();
  }

  @Override
  public CapturedPacket next() throws IOException {
    while (true) {
      ByteBuffer type = takeOrEnd(Integer.BYTES, order);
      if (type == null) {
        return null;
      }
      int number = type.getInt();
      if (number == SECTION_HEADER) {
        section();
        continue;
      }
      ByteBuffer body = body(take(Integer.BYTES, order).getInt());
      switch (number) {
        case INTERFACE -> addInterface(body);
        case ENHANCED_PACKET -> {
          require(body, PACKET_HEADER);
          return packet(body.getInt(0), body);
        }
        case OLD_PACKET -> {
          require(body, PACKET_HEADER);
          return packet(body.getShort(0) & 0xffff, body);
        }
        case SIMPLE_PACKET -> {
          require(body, Integer.BYTES);
          return simplePacket(body);
        }
        default -> {
          // Names, statistics, secrets: nothing that is explained.
        }
      }
    }
  }

  /** A section has a byte order of its own, which stands behind the length that it is for. */
  private void section() throws IOException {
    ByteBuffer head = take(2 * Integer.BYTES, ByteOrder.BIG_ENDIAN);
    if (head.getInt(Integer.BYTES) == BYTE_ORDER_MAGIC) {
      order = ByteOrder.BIG_ENDIAN;
    } else if (Integer.reverseBytes(head.getInt(Integer.BYTES)) == BYTE_ORDER_MAGIC) {
      order = ByteOrder.LITTLE_ENDIAN;
    } else {
      throw new CaptureException("behind packet " + packets + " a section has no byte order");
    }
    sources.clear();
    int length = head.order(order).getInt(0);
    // Version, section length and options say nothing that we need.
    take(checked(length) - 2 * Integer.BYTES - Integer.BYTES, order);
  }

  private ByteBuffer body(int length) throws IOException {
    ByteBuffer body = take(checked(length) - 2 * Integer.BYTES, order);
    return body.limit(body.limit() - Integer.BYTES);
  }

  private int checked(int length) throws CaptureException {
    if (length < BLOCK_OVERHEAD || length % Integer.BYTES != 0) {
      throw new CaptureException(
          "behind packet " + packets + " a block claims " + length + " bytes: it is damaged");
    }
    return length;
  }

  private void require(ByteBuffer body, int bytes) throws CaptureException {
    if (body.limit() < bytes) {
      throw new CaptureException(
          "behind packet " + packets + " a block of " + body.limit() + " bytes is too short");
    }
  }

  private void addInterface(ByteBuffer body) throws CaptureException {
    require(body, INTERFACE_OPTIONS_AT);
    byte resolution = 6;
    long offset = 0;
    body.position(INTERFACE_OPTIONS_AT);
    while (body.remaining() >= Integer.BYTES) {
      int code = body.getShort() & 0xffff;
      int length = body.getShort() & 0xffff;
      if (code == OPTION_END || length > body.remaining()) {
        break;
      }
      if (code == OPTION_TIME_RESOLUTION && length == 1) {
        resolution = body.get(body.position());
      } else if (code == OPTION_TIME_OFFSET && length == Long.BYTES) {
        offset = body.getLong(body.position());
      }
      body.position(Math.min(body.limit(), body.position() + (length + 3 & ~3)));
    }
    sources.add(new Source(body.getShort(0) & 0xffff, body.getInt(4), resolution, offset));
  }

  private CapturedPacket packet(int source, ByteBuffer body) throws CaptureException {
    Source from = source(source);
    long ticks = (long) body.getInt(4) << 32 | body.getInt(8) & 0xffff_ffffL;
    return packet(from, from.nanos(ticks), body, PACKET_HEADER, body.getInt(12));
  }

  private CapturedPacket simplePacket(ByteBuffer body) throws CaptureException {
    Source from = source(0);
    int length = body.getInt(0);
    int captured = from.snapLength == 0 ? length : Math.min(length, from.snapLength);
    return packet(from, 0, body, Integer.BYTES, captured);
  }

  private CapturedPacket packet(Source from, long nanos, ByteBuffer body, int at, int length)
      throws CaptureException {
    if (length < 0 || length > body.limit() - at) {
      throw new CaptureException(
          "packet " + (packets + 1) + " claims " + length + " bytes: it is damaged");
    }
    byte[] frame = new byte[length];
    body.get(at, frame);
    packets++;
    return LinkType.packet(packets, nanos, from.linkType, frame);
  }

  private Source source(int number) throws CaptureException {
    if (number < 0 || number >= sources.size()) {
      throw new CaptureException(
          "packet " + (packets + 1) + " came by interface " + number + ", which is not described");
    }
    return sources.get(number);
  }
}
