package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import io.synlev.ffi.Pages;

/** A BPF array's elements in our memory, shared with the program. Close once. */
final class SharedMap implements AutoCloseable {

  private final long address;
  private final long bytes;

  /**
   * Maps it.
   *
   * @param descriptor of an array made with BPF_F_MMAPABLE
   * @param bytes of all elements
   */
  SharedMap(int descriptor, long bytes) throws NativeException {
    this.bytes = Math.ceilDiv(bytes, Pages.pageBytes()) * Pages.pageBytes();
    address =
        NativeException.check(
            Pages.mapShared(descriptor, this.bytes), "mmap of a BPF map of " + bytes + " bytes");
  }

  /** Where the first element is. */
  long address() {
    return address;
  }

  @Override
  public void close() {
    Pages.unmap(address, bytes);
  }
}
