package io.synlev.magctl.whynot;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Classic BPF over a packet from its IP header on, which lets the packets to and from an address
 * pass; Documentation/networking/filter.rst. Of IPv6 addresses only the last four bytes are
 * compared: whoever reads looks again.
 */
final class SocketFilter {
  private static final int LOAD_WORD = 0x20;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int RETURN = 0x06;
  private static final int WHOLE_PACKET = 0x40000;

  private SocketFilter() {}

  /** In the form of {@link io.synlev.ffi.PacketSocket#open}. */
  static long[] of(InetAddress address) {
    byte[] bytes = address.getAddress();
    int last = ByteBuffer.wrap(bytes).getInt(bytes.length - 4);
    int source = bytes.length == 4 ? 12 : 20;
    int destination = bytes.length == 4 ? 16 : 36;
    return new long[] {
      instruction(LOAD_WORD, 0, 0, source),
      instruction(JUMP_IF_EQUAL, 2, 0, last),
      instruction(LOAD_WORD, 0, 0, destination),
      instruction(JUMP_IF_EQUAL, 0, 1, last),
      instruction(RETURN, 0, 0, WHOLE_PACKET),
      instruction(RETURN, 0, 0, 0),
    };
  }

  private static long instruction(int code, int ifTrue, int ifFalse, int k) {
    return code | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) k << 32;
  }
}
