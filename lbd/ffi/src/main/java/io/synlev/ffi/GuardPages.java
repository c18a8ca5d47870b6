package io.synlev.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Memory between two pages that nobody may touch: a read one byte outside ends the process.
 *
 * <p>For tests of code that works on raw addresses: a packet placed at the end proves that nothing
 * behind it is read. Belongs to one thread at a time.
 */
public final class GuardPages implements AutoCloseable {

  private final long base;
  private final long totalBytes;
  private final long start;
  private final long end;
  private final MemorySegment room;
  private boolean closed;

  /**
   * Maps the room and its guards.
   *
   * @param capacity the longest content in bytes
   * @throws NativeException when memory is short
   */
  public GuardPages(int capacity) throws NativeException {
    int page = Pages.pageBytes();
    long roomBytes = Math.ceilDiv((long) Math.max(capacity, 1), page) * page;
    totalBytes = roomBytes + 2L * page;
    base = NativeException.check(Pages.map(totalBytes), "mmap of " + totalBytes + " bytes");
    start = base + page;
    end = start + roomBytes;
    room = room(start, roomBytes);
    NativeException.check(Pages.forbid(base, page), "mprotect of the page before");
    NativeException.check(Pages.forbid(end, page), "mprotect of the page behind");
  }

  @SuppressWarnings("restricted") // exactly the pages that were mapped
  private static MemorySegment room(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** Copies the content so that it ends where the guard begins; returns where it starts. */
  public long placeAtEnd(byte[] content) {
    return placeAtEnd(content, content.length);
  }

  /** Copies the first {@code length} bytes so that they end where the guard begins. */
  public long placeAtEnd(byte[] content, int length) {
    MemorySegment.copy(content, 0, room, ValueLayout.JAVA_BYTE, room.byteSize() - length, length);
    return end - length;
  }

  /** Copies the content to right behind the first guard; returns where it starts. */
  public long placeAtStart(byte[] content) {
    MemorySegment.copy(content, 0, room, ValueLayout.JAVA_BYTE, 0, content.length);
    return start;
  }

  /** The address of the first forbidden byte behind the room. */
  public long end() {
    return end;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Pages.unmap(base, totalBytes);
    }
  }
}
