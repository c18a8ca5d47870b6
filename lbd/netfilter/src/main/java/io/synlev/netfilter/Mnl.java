package io.synlev.netfilter;

import io.synlev.ffi.NativeException;
import io.synlev.ffi.NativeFunction;
import io.synlev.ffi.NativeLibrary;

/**
 * libmnl: the netlink socket and the attributes of a message; libmnl.h. Sockets and messages are
 * native addresses. Any thread may call.
 */
final class Mnl {

  private final NativeFunction socketOpen;
  private final NativeFunction socketFdOpen;
  private final NativeFunction socketBind;
  private final NativeFunction socketGetFd;
  private final NativeFunction socketGetPortId;
  private final NativeFunction socketClose;
  private final NativeFunction attrPutU32;

  private Mnl(NativeLibrary library) throws NativeException {
    socketOpen = library.function("mnl_socket_open2");
    socketFdOpen = library.function("mnl_socket_fdopen");
    socketBind = library.function("mnl_socket_bind");
    socketGetFd = library.function("mnl_socket_get_fd");
    socketGetPortId = library.function("mnl_socket_get_portid");
    socketClose = library.function("mnl_socket_close");
    attrPutU32 = library.function("mnl_attr_put_u32");
  }

  /** Loads and links, or says which package is missing. */
  static Mnl load() throws NativeException {
    return new Mnl(NativeLibrary.load("libmnl.so.0", "libmnl0"));
  }

  /** A netlink socket of a protocol, with SOCK_ flags: its address, or a negative errno. */
  long openSocket(int protocol, int flags) {
    return socketOpen.pointer(protocol, flags, 0, 0);
  }

  /** Makes a socket of a bound descriptor, which is then its own: its address, or an errno. */
  long adoptSocket(int descriptor) {
    return socketFdOpen.pointer(descriptor, 0, 0, 0);
  }

  /** Gives the socket a port id that the kernel chooses: 0, or a negative errno. */
  int bindSocket(long socket) {
    return socketBind.call(socket, 0, 0, 0);
  }

  /** The socket's file descriptor. */
  int descriptor(long socket) {
    return socketGetFd.plain(socket, 0, 0, 0);
  }

  /** The port id of a bound socket, an unsigned number. */
  int portId(long socket) {
    return socketGetPortId.plain(socket, 0, 0, 0);
  }

  /** Closes the descriptor and frees the socket: 0, or a negative errno. Once only. */
  int closeSocket(long socket) {
    return socketClose.call(socket, 0, 0, 0);
  }

  /** Appends an attribute of four bytes; the value is stored as the machine stores an int. */
  void putInt(long message, int type, int value) {
    attrPutU32.run(message, type, value, 0);
  }
}
