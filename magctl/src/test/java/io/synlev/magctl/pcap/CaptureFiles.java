package io.synlev.magctl.pcap;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Capture files built field by field, as the formats' drafts draw them. */
public final class CaptureFiles {
  /** 2026-01-02T03:04:05Z. */
  public static final long SECONDS = 1_767_323_045L;

  private CaptureFiles() {}

  /** A pcap file whose packets are a second and 7 ticks apart. */
  public static byte[] pcap(ByteOrder order, boolean nanos, int linkType, List<byte[]> frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer head = ByteBuffer.allocate(24).order(order);
    head.putInt(nanos ? 0xa1b23c4d : 0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    head.putInt(0).putInt(0).putInt(65_535).putInt(linkType);
    out.writeBytes(head.array());
    for (int i = 0; i < frames.size(); i++) {
      byte[] frame = frames.get(i);
      ByteBuffer header = ByteBuffer.allocate(16).order(order);
      header.putInt((int) SECONDS + i).putInt(7 * i).putInt(frame.length).putInt(frame.length);
      out.writeBytes(header.array());
      out.writeBytes(frame);
    }
    return out.toByteArray();
  }

  /** A block of pcapng. */
  public static byte[] block(ByteOrder order, int type, byte[] body) {
    int padded = body.length + 3 & ~3;
    ByteBuffer block = ByteBuffer.allocate(padded + 12).order(order);
    block.putInt(type).putInt(padded + 12).put(body);
    block.putInt(padded + 8, padded + 12);
    return block.array();
  }

  /** A section header without options. */
  public static byte[] section(ByteOrder order) {
    ByteBuffer body = ByteBuffer.allocate(16).order(order);
    body.putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0).putLong(-1);
    return block(order, 0x0a0d0d0a, body.array());
  }

  /** An interface whose ticks are as long as {@code resolution} says; 6 is not written. */
  public static byte[] source(ByteOrder order, int linkType, int resolution) {
    ByteBuffer body = ByteBuffer.allocate(resolution == 6 ? 8 : 20).order(order);
    body.putShort((short) linkType).putShort((short) 0).putInt(0);
    if (resolution != 6) {
      body.putShort((short) 9).putShort((short) 1).put((byte) resolution).put(new byte[3]);
      body.putInt(0);
    }
    return block(order, 1, body.array());
  }

  /** An enhanced packet. */
  public static byte[] packet(ByteOrder order, int source, long ticks, byte[] frame) {
    ByteBuffer body = ByteBuffer.allocate(20 + frame.length).order(order);
    body.putInt(source).putInt((int) (ticks >>> 32)).putInt((int) ticks);
    body.putInt(frame.length).putInt(frame.length).put(frame);
    return block(order, 6, body.array());
  }

  /** All of them, one after the other. */
  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
