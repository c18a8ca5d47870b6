package io.synlev.netfilter;

import io.synlev.ffi.Native;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * libmnl: the netlink socket and the attributes of a message; libmnl.h. Sockets and messages are
 * native addresses. Any thread may call.
 */
final class Mnl {

  private final MethodHandle socketOpen;
  private final MethodHandle socketBind;
  private final MethodHandle socketDescriptor;
  private final MethodHandle socketPortId;
  private final MethodHandle socketClose;
  private final MethodHandle putU32;

  private Mnl(NativeLibrary library) throws NativeException {
    socketOpen = library.functionWithErrno("mnl_socket_open2", "lii");
    socketBind = library.functionWithErrno("mnl_socket_bind", "ilii");
    socketDescriptor = library.function("mnl_socket_get_fd", "il");
    socketPortId = library.function("mnl_socket_get_portid", "il");
    socketClose = library.functionWithErrno("mnl_socket_close", "il");
    putU32 = library.function("mnl_attr_put_u32", "vlsi");
  }

  /** Loads and links, or says which package is missing. */
  static Mnl load() throws NativeException {
    return new Mnl(NativeLibrary.load("libmnl.so.0", "libmnl0"));
  }

  /** A netlink socket of a protocol, closed on exec: its address, or a negative errno. */
  long openSocket(int protocol, int flags) {
    MemorySegment state = Native.errnoState();
    try {
      long socket = (long) socketOpen.invokeExact(state, protocol, flags);
      return socket == 0 ? -Native.errno(state) : socket;
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Gives the socket a port id that the kernel chooses: 0, or a negative errno. */
  int bindSocket(long socket) {
    MemorySegment state = Native.errnoState();
    try {
      return Native.result((int) socketBind.invokeExact(state, socket, 0, 0), state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** The socket's file descriptor. */
  int descriptor(long socket) {
    try {
      return (int) socketDescriptor.invokeExact(socket);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** The port id of a bound socket, an unsigned number. */
  int portId(long socket) {
    try {
      return (int) socketPortId.invokeExact(socket);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Closes the descriptor and frees the socket: 0, or a negative errno. Once only. */
  int closeSocket(long socket) {
    MemorySegment state = Native.errnoState();
    try {
      return Native.result((int) socketClose.invokeExact(state, socket), state);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Appends an attribute of four bytes; the value is stored as the machine stores an int. */
  void putInt(long message, short type, int value) {
    try {
      putU32.invokeExact(message, type, value);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }
}
