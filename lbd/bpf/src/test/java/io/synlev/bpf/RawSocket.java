package io.synlev.bpf;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.NativeLibrary;
import io.synlev.ffi.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Sends Ethernet frames out of an interface; packet(7). Belongs to one thread. */
final class RawSocket implements AutoCloseable {

  private static final int AF_PACKET = 17;
  private static final int SOCKADDR_LL_BYTES = 20;

  private final Arena arena = Arena.ofConfined();
  private final int descriptor;

  RawSocket(int interfaceIndex) throws NativeException {
    descriptor =
        NativeException.check(
            Sockets.socket(AF_PACKET, Sockets.SOCK_RAW | Sockets.SOCK_CLOEXEC, 0), "socket");
    MemorySegment address = arena.allocate(SOCKADDR_LL_BYTES, 8);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
    address.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
    int result =
        NativeLibrary.load("libc.so.6", "libc6")
            .function("bind")
            .call(descriptor, address.address(), SOCKADDR_LL_BYTES, 0);
    NativeException.check(result, "bind of a packet socket");
  }

  /** Copies a frame to where {@link #send} takes it from. */
  MemorySegment prepare(byte[] frame) {
    MemorySegment copy = arena.allocate(frame.length, 8);
    copy.copyFrom(MemorySegment.ofArray(frame));
    return copy;
  }

  /** Whether the frame was sent; false when a queue was full. */
  boolean send(MemorySegment frame) throws NativeException {
    long result = Sockets.send(descriptor, frame.address(), frame.byteSize(), 0);
    if (Errno.ENOBUFS.is(result)) {
      return false;
    }
    NativeException.check(result, "send of a frame");
    return true;
  }

  @Override
  public void close() {
    Sockets.close(descriptor);
    arena.close();
  }
}
