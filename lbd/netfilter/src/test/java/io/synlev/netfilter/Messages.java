package io.synlev.netfilter;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Builds netlink messages byte by byte from the kernel's headers (netlink.h, nfnetlink_queue.h),
 * without the code under test. Numbers are written out on purpose.
 */
final class Messages {

  private final ByteArrayOutputStream attributes = new ByteArrayOutputStream();

  /** A packet message with the attributes the kernel sends, in its order. */
  static byte[] packet(int id, int mark, byte[] payload) {
    Messages message = new Messages().packetHeader(id).attribute(5, be(4)); // IFINDEX_INDEV
    if (mark != 0) {
      message.attribute(3, be(mark));
    }
    return message
        .attribute(9, new byte[12]) // HWADDR
        .attribute(4, new byte[16]) // TIMESTAMP
        .attribute(14, be(1)) // SKB_INFO
        .attribute(10, payload)
        .build();
  }

  /** NFQA_PACKET_HDR: be32 id, be16 protocol, u8 hook. */
  Messages packetHeader(int id) {
    byte[] value = ByteBuffer.allocate(7).putInt(id).putShort((short) 0x800).put((byte) 1).array();
    return attribute(1, value);
  }

  /** Appends an attribute with its padding. */
  Messages attribute(int type, byte[] value) {
    return attribute(4 + value.length, type, value);
  }

  /** Appends an attribute that claims a length of its own. */
  Messages attribute(int claimed, int type, byte[] value) {
    attributes.writeBytes(little(4).putShort((short) claimed).putShort((short) type).array());
    attributes.writeBytes(value);
    attributes.writeBytes(new byte[-value.length & 3]);
    return this;
  }

  /** The packet message. */
  byte[] build() {
    byte[] content = attributes.toByteArray();
    return message(0x300, 0, concat(new byte[] {2, 0, 0, 7}, content));
  }

  /** A netlink message of any type. */
  static byte[] message(int type, int sequence, byte[] content) {
    return little(16 + content.length)
        .putInt(16 + content.length)
        .putShort((short) type)
        .putShort((short) 0)
        .putInt(sequence)
        .putInt(4711)
        .put(content)
        .array();
  }

  /** NLMSG_ERROR with the request's header behind it. */
  static byte[] error(int sequence, int error) {
    return message(2, sequence, little(20).putInt(error).putInt(40).putInt(0x301).array());
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] be(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
