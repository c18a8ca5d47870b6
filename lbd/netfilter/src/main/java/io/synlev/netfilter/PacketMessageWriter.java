package io.synlev.netfilter;

import io.synlev.memory.Memory;
import io.synlev.netlink.Netlink;

/**
 * Writes NFQNL_MSG_PACKET messages as the kernel does, for the warm-up; nfnetlink_queue.h.
 *
 * <pre>
 *   0 nlmsghdr, 16 nfgenmsg, 20 NFQA_PACKET_HDR (12), 32 NFQA_MARK (8), 40 NFQA_PAYLOAD
 * </pre>
 */
final class PacketMessageWriter {

  private static final int MARK_OFFSET = 32;
  private static final int PAYLOAD_OFFSET = 40;
  private static final byte HOOK_PREROUTING = 0;

  private PacketMessageWriter() {}

  /** Bytes of a message with so many bytes of a packet. */
  static int bytes(int copied) {
    return Netlink.align(PAYLOAD_OFFSET + Netlink.ATTRIBUTE_HEADER_BYTES + copied);
  }

  /** Writes a message into {@link #bytes} bytes. */
  static void write(long to, int queue, int id, int mark, byte[] packet, int copied) {
    Memory.putInt(to + Netlink.LENGTH_OFFSET, bytes(copied));
    Memory.putShort(to + Netlink.TYPE_OFFSET, (short) Nfqueue.MSG_PACKET);
    Memory.putShort(to + Netlink.FLAGS_OFFSET, (short) 0);
    Memory.putLong(to + Netlink.SEQUENCE_OFFSET, 0);
    Memory.putShort(to + Netlink.HEADER_BYTES, (short) 0);
    Memory.putShortBe(to + Netlink.HEADER_BYTES + 2, (short) queue);

    int bytes = Netlink.ATTRIBUTE_HEADER_BYTES + Nfqueue.PACKET_HDR_BYTES;
    header(to + Nfqueue.NF_HEADER_BYTES, Nfqueue.NFQA_PACKET_HDR, bytes);
    long packetHeader = to + Nfqueue.NF_HEADER_BYTES + Netlink.ATTRIBUTE_HEADER_BYTES;
    Memory.putIntBe(packetHeader, id);
    Memory.putShortBe(packetHeader + 4, (short) (packet[0] >> 4 == 6 ? 0x86dd : 0x0800));
    Memory.putByte(packetHeader + 6, HOOK_PREROUTING);

    header(to + MARK_OFFSET, Nfqueue.NFQA_MARK, 8);
    Memory.putIntBe(to + MARK_OFFSET + 4, mark);
    header(to + PAYLOAD_OFFSET, Nfqueue.NFQA_PAYLOAD, 4 + copied);
    for (int i = 0; i < copied; i++) {
      Memory.putByte(to + PAYLOAD_OFFSET + 4 + i, packet[i]);
    }
  }

  private static void header(long at, int type, int bytes) {
    Memory.putShort(at, (short) bytes);
    Memory.putShort(at + 2, (short) type);
  }
}
