package io.synlev.magctl.pcap;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a capture file of either format and byte order, packet by packet. One thread.
 *
 * <p>Damage is reported where it is met; all packets before it have been returned.
 */
public abstract sealed class CaptureReader implements AutoCloseable
    permits PcapReader, PcapngReader {

  /** A record that claims more is damage: the longest frames are those of BIG TCP, 512 KiB. */
  static final int MOST_BYTES = 1 << 24;

  static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final InputStream in;
  long packets;

  CaptureReader(InputStream in) {
    this.in = in;
  }

  /**
   * Reads a file's head.
   *
   * @param stream closed with the reader, or when this fails
   * @throws CaptureException if it is no capture file
   * @throws IOException if it cannot be read
   */
  public static CaptureReader of(InputStream stream) throws IOException {
    InputStream in = new BufferedInputStream(stream, 1 << 16);
    try {
      byte[] magic = in.readNBytes(Integer.BYTES);
      if (magic.length < Integer.BYTES) {
        throw new CaptureException("it has " + magic.length + " bytes: no capture file");
      }
      int number = ByteBuffer.wrap(magic).getInt();
      if (number == PcapngReader.SECTION_HEADER) {
        return new PcapngReader(in);
      }
      if (PcapReader.isMagic(number) || PcapReader.isMagic(Integer.reverseBytes(number))) {
        return new PcapReader(in, number);
      }
      throw new CaptureException(
          "it starts with 0x" + Integer.toHexString(number) + ": neither pcap nor pcapng");
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /**
   * The next packet.
   *
   * @return null at the end of the file
   * @throws CaptureException if the file is damaged here
   * @throws IOException if it cannot be read
   */
  public abstract CapturedPacket next() throws IOException;

  /** So many bytes, all of them. */
  final ByteBuffer take(int bytes, ByteOrder order) throws IOException {
    ByteBuffer taken = takeOrEnd(bytes, order);
    if (taken == null) {
      throw cut();
    }
    return taken;
  }

  /** The same; null if the file ends just here. */
  final ByteBuffer takeOrEnd(int bytes, ByteOrder order) throws IOException {
    if (bytes < 0 || bytes > MOST_BYTES) {
      throw new CaptureException(
          "behind packet " + packets + " something claims " + bytes + " bytes: it is damaged");
    }
    byte[] taken = in.readNBytes(bytes);
    if (taken.length == 0 && bytes > 0) {
      return null;
    }
    if (taken.length < bytes) {
      throw cut();
    }
    return ByteBuffer.wrap(taken).order(order);
  }

  final CaptureException cut() {
    return new CaptureException("it ends in the middle, behind packet " + packets);
  }

  @Override
  public final void close() throws IOException {
    in.close();
  }
}
