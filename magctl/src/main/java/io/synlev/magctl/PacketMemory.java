package io.synlev.magctl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A place at a native address for one packet at a time: the parsers read nothing else. */
final class PacketMemory implements AutoCloseable {
  private Arena arena = Arena.ofConfined();
  private MemorySegment segment = arena.allocate(1 << 16);

  /** Copies a packet in; the one before is gone. Returns the address of its first byte. */
  long place(byte[] packet) {
    if (packet.length > segment.byteSize()) {
      arena.close();
      arena = Arena.ofConfined();
      segment = arena.allocate(packet.length);
    }
    MemorySegment.copy(packet, 0, segment, ValueLayout.JAVA_BYTE, 0, packet.length);
    return segment.address();
  }

  @Override
  public void close() {
    arena.close();
  }
}
