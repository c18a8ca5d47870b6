package io.synlev.magctl.pcap;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads pcap (draft-ietf-opsawg-pcap): a file header, then a header of 16 bytes a packet. */
final class PcapReader extends CaptureReader {
  private static final int MICROS = 0xa1b2c3d4;
  private static final int NANOS = 0xa1b23c4d;

  private static final int FILE_HEADER_REST = 20;
  private static final int LINK_TYPE_AT = 16;
  private static final int PACKET_HEADER = 16;

  private final ByteOrder order;
  private final int nanosPerTick;
  private final int linkType;

  /** Reads on behind the magic number, which was read in network byte order. */
  PcapReader(InputStream in, int magic) throws IOException {
    super(in);
    order = isMagic(magic) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    int number = isMagic(magic) ? magic : Integer.reverseBytes(magic);
    nanosPerTick = number == NANOS ? 1 : 1000;
    // The upper bits tell of frame check sequences, which stand behind the packet.
    linkType = take(FILE_HEADER_REST, order).getInt(LINK_TYPE_AT) & 0xffff;
  }

  static boolean isMagic(int number) {
    return number == MICROS || number == NANOS;
  }

  @Override
  public CapturedPacket next() throws IOException {
    ByteBuffer header = takeOrEnd(PACKET_HEADER, order);
    if (header == null) {
      return null;
    }
    long seconds = header.getInt() & 0xffff_ffffL;
    long fraction = header.getInt() & 0xffff_ffffL;
    byte[] frame = take(header.getInt(), order).array();
    packets++;
    return LinkType.packet(
        packets, seconds * NANOS_PER_SECOND + fraction * nanosPerTick, linkType, frame);
  }
}
