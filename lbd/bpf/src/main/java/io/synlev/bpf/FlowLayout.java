package io.synlev.bpf;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;

/**
 * Keys and values of the flow tables, as src/main/bpf/layout.h has them.
 *
 * <pre>
 *   key4 (16 bytes)                           key6 (40 bytes)
 *   0 source  4 destination  8 ports          0 source  16 destination  32 ports
 *   12 protocol, 3 zeros                      36 protocol, 3 zeros
 *
 *   flow (24 bytes, the machine's byte order)
 *   0 seen  4 backend (2)  6 epoch (2)  8 bytes (8)  16 packets (4)  20 state, 3 zeros
 * </pre>
 *
 * <p>Addresses and ports are in network order. Neither allocates nor throws.
 */
final class FlowLayout {

  static final int KEY4_BYTES = 16;
  static final int KEY6_BYTES = 40;
  static final int FLOW_BYTES = 24;

  /** Times are CLOCK_MONOTONIC, which is {@link System#nanoTime()}, shifted right by this. */
  static final int SEEN_SHIFT = 20;

  /** Flow state: FIN or RST was seen, and no data since. */
  static final int CLOSING = 1;

  private static final int SEEN_OFFSET = 0;
  private static final int BACKEND_OFFSET = 4;
  private static final int EPOCH_OFFSET = 6;
  private static final int BYTES_OFFSET = 8;
  private static final int PACKETS_OFFSET = 16;
  private static final int STATE_OFFSET = 20;

  private FlowLayout() {}

  /** Whether the tables hold flows of a protocol. */
  static boolean isKnown(int protocol) {
    return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.SCTP;
  }

  /** Bytes of a key of a family. */
  static int keyBytes(int family) {
    return family == FlowKey.IPV4 ? KEY4_BYTES : KEY6_BYTES;
  }

  /** Writes the key of either family. */
  static void writeKey(long address, FlowKey flow) {
    long rest = address + 8;
    if (flow.family == FlowKey.IPV4) {
      Memory.putIntBe(address, (int) flow.sourceLow);
      Memory.putIntBe(address + 4, (int) flow.destinationLow);
    } else {
      Memory.putLongBe(address, flow.sourceHigh);
      Memory.putLongBe(address + 8, flow.sourceLow);
      Memory.putLongBe(address + 16, flow.destinationHigh);
      Memory.putLongBe(address + 24, flow.destinationLow);
      rest = address + 32;
    }
    Memory.putIntBe(rest, flow.ports);
    Memory.putIntBe(rest + 4, flow.protocol << 24);
  }

  /** Reads a key. */
  static void readKey(long address, int family, FlowKey flow) {
    if (family == FlowKey.IPV4) {
      flow.ipv4(
          Memory.getIntBe(address),
          Memory.getIntBe(address + 4),
          Memory.getByte(address + 12) & 0xff,
          Memory.getIntBe(address + 8));
    } else {
      flow.ipv6(
          Memory.getLongBe(address),
          Memory.getLongBe(address + 8),
          Memory.getLongBe(address + 16),
          Memory.getLongBe(address + 24),
          Memory.getByte(address + 36) & 0xff,
          Memory.getIntBe(address + 32));
    }
  }

  /** Writes a flow without packets, last seen at no time yet. */
  static void writeFlow(long address, int backend, int epoch, int state) {
    Memory.putInt(address + SEEN_OFFSET, 0);
    Memory.putShort(address + BACKEND_OFFSET, (short) backend);
    Memory.putShort(address + EPOCH_OFFSET, (short) epoch);
    Memory.putLong(address + BYTES_OFFSET, 0);
    Memory.putInt(address + PACKETS_OFFSET, 0);
    Memory.putInt(address + STATE_OFFSET, 0);
    Memory.putByte(address + STATE_OFFSET, (byte) state);
  }

  static void writeSeen(long address, long nanos) {
    Memory.putInt(address + SEEN_OFFSET, (int) (nanos >>> SEEN_SHIFT));
  }

  /** In units of {@code 1 << SEEN_SHIFT} ns, modulo 2^32. */
  static int seen(long address) {
    return Memory.getInt(address + SEEN_OFFSET);
  }

  static int backend(long address) {
    return Short.toUnsignedInt(Memory.getShort(address + BACKEND_OFFSET));
  }

  static int epoch(long address) {
    return Short.toUnsignedInt(Memory.getShort(address + EPOCH_OFFSET));
  }

  static long bytes(long address) {
    return Memory.getLong(address + BYTES_OFFSET);
  }

  static long packets(long address) {
    return Integer.toUnsignedLong(Memory.getInt(address + PACKETS_OFFSET));
  }

  static int state(long address) {
    return Memory.getByte(address + STATE_OFFSET) & 0xff;
  }
}
