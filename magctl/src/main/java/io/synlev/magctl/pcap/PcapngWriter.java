package io.synlev.magctl.pcap;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes pcapng (draft-ietf-opsawg-pcapng): one section, one interface of raw IP packets with times
 * in nanoseconds, and a comment on each packet. One thread.
 *
 * <p>Each packet is written with a single call, so that a file is complete whenever nothing is
 * being written.
 */
public final class PcapngWriter implements AutoCloseable {
  private static final int SECTION_HEADER = 0x0a0d0d0a;
  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
  private static final int INTERFACE = 1;
  private static final int ENHANCED_PACKET = 6;

  private static final int COMMENT = 1;
  private static final int APPLICATION = 4;
  private static final int INTERFACE_NAME = 2;
  private static final int INTERFACE_DESCRIPTION = 3;
  private static final int TIME_RESOLUTION = 9;
  private static final byte NANOSECONDS = 9;

  /** Comments longer than this are cut: an option's length has 16 bits. */
  private static final int LONGEST_TEXT = 0xfff0;

  private final OutputStream out;
  private ByteBuffer block = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * Writes the head of a file.
   *
   * @param out closed with the writer
   * @param application who writes
   * @param name of the interface
   * @param description of the interface
   * @param snapLength the most bytes that are kept of a packet; 0 for all
   */
  public PcapngWriter(
      OutputStream out, String application, String name, String description, int snapLength)
      throws IOException {
    this.out = out;
    begin(SECTION_HEADER, 0);
    // Version 1.0, and a section whose length is not known.
    block.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
    text(APPLICATION, application);
    end();
    begin(INTERFACE, 0);
    block.putShort((short) LinkType.RAW).putShort((short) 0).putInt(snapLength);
    text(INTERFACE_NAME, name);
    text(INTERFACE_DESCRIPTION, description);
    option(TIME_RESOLUTION, new byte[] {NANOSECONDS});
    end();
  }

  /**
   * Writes a packet.
   *
   * @param epochNanos when it was seen, since 1970-01-01 UTC
   * @param packet its captured bytes, from the IP header on
   * @param originalLength its length before it was cut, at least that of {@code packet}
   * @param comment what to say about it
   */
  public void write(long epochNanos, byte[] packet, int originalLength, String comment)
      throws IOException {
    begin(ENHANCED_PACKET, packet.length);
    block.putInt(0).putInt((int) (epochNanos >>> 32)).putInt((int) epochNanos);
    block.putInt(packet.length).putInt(originalLength).put(packet);
    pad();
    text(COMMENT, comment);
    end();
  }

  private void begin(int type, int payload) {
    int needed = payload + LONGEST_TEXT + 256;
    if (block.capacity() < needed) {
      block = ByteBuffer.allocate(needed).order(ByteOrder.LITTLE_ENDIAN);
    }
    block.clear().putInt(type).putInt(0);
  }

  private void text(int code, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    option(
        code, bytes.length <= LONGEST_TEXT ? bytes : java.util.Arrays.copyOf(bytes, LONGEST_TEXT));
  }

  private void option(int code, byte[] value) {
    block.putShort((short) code).putShort((short) value.length).put(value);
    pad();
  }

  private void pad() {
    while (block.position() % Integer.BYTES != 0) {
      block.put((byte) 0);
    }
  }

  private void end() throws IOException {
    // The end of options.
    block.putInt(0);
    int length = block.position() + Integer.BYTES;
    block.putInt(length).putInt(Integer.BYTES, length);
    out.write(block.array(), 0, block.position());
  }

  /** Hands everything on to the file. */
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
