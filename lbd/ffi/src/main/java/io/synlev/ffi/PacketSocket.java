package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Sees packets on all interfaces of a network namespace, those that come in and those that leave,
 * from their network header on: AF_PACKET with SOCK_DGRAM, packet(7). Needs CAP_NET_RAW. A filter
 * in the kernel chooses which, so that others cost next to nothing. Belongs to one thread.
 */
public final class PacketSocket implements AutoCloseable {
  // include/linux/socket.h, include/uapi/linux/if_ether.h, include/uapi/asm-generic/socket.h
  private static final int AF_PACKET = 17;
  private static final int ETH_P_ALL = 0x0003;
  private static final int SO_ATTACH_FILTER = 26;

  // struct sockaddr_ll: u16 family, u16 protocol (big endian), s32 interface, u16 hardware type,
  // u8 packet type, u8 length of the address, u8 address[8]
  private static final int ADDRESS_BYTES = 20;
  private static final int PROTOCOL_OFFSET = 2;
  private static final int INTERFACE_OFFSET = 4;
  private static final int TYPE_OFFSET = 10;
  private static final int LENGTH_OFFSET = 11;
  private static final int MAC_OFFSET = 12;

  private static final int PACKET_OUTGOING = 4;
  private static final int LONGEST_PACKET = 2048;

  private static final ValueLayout.OfShort SHORT_BE =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  private static final NativeFunction BIND = Native.libc("bind");
  private static final NativeFunction RECVFROM = Native.libc("recvfrom");
  private static final NativeFunction SENDTO = Native.libc("sendto");
  private static final NativeFunction SETSOCKOPT = Native.libc("setsockopt");

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment room = arena.allocate(LONGEST_PACKET, 8);
  private final MemorySegment address = arena.allocate(ADDRESS_BYTES + 4, 8);
  private final int descriptor;

  /**
   * A packet that was seen.
   *
   * @param interfaceIndex where
   * @param isLeaving whether it left there; otherwise it came in
   * @param bytes from the network header on, at most 2048
   */
  public record Seen(int interfaceIndex, boolean isLeaving, byte[] bytes) {}

  private PacketSocket(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Opens one in the calling thread's network namespace.
   *
   * @param filter instructions of a classic BPF program over the packet, each as struct sock_filter
   *     (Documentation/networking/filter.rst) in a long: code in bits 0 to 15, then jt and jf in
   *     eight bits each, then k
   * @throws NativeException EPERM without CAP_NET_RAW, EINVAL for a wrong filter
   */
  public static PacketSocket open(long[] filter) throws NativeException {
    // Of no protocol until the filter is there, so that nothing else comes in before.
    int type = Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC;
    int descriptor = Sockets.socket(AF_PACKET, type, 0);
    NativeException.check(descriptor, "socket(AF_PACKET)");
    PacketSocket socket = new PacketSocket(descriptor);
    try {
      socket.attach(filter);
      socket.bind();
      return socket;
    } catch (NativeException e) {
      socket.close();
      throw e;
    }
  }

  private void attach(long[] filter) throws NativeException {
    MemorySegment program = arena.allocate(8L * filter.length, 8);
    for (int i = 0; i < filter.length; i++) {
      program.set(ValueLayout.JAVA_SHORT, 8L * i, (short) filter[i]);
      program.set(ValueLayout.JAVA_BYTE, 8L * i + 2, (byte) (filter[i] >>> 16));
      program.set(ValueLayout.JAVA_BYTE, 8L * i + 3, (byte) (filter[i] >>> 24));
      program.set(ValueLayout.JAVA_INT, 8L * i + 4, (int) (filter[i] >>> 32));
    }
    // struct sock_fprog: u16 length, padding, pointer
    MemorySegment header = arena.allocate(16, 8);
    header.set(ValueLayout.JAVA_SHORT, 0, (short) filter.length);
    header.set(ValueLayout.JAVA_LONG, 8, program.address());
    int level = Sockets.SOL_SOCKET;
    NativeException.check(
        SETSOCKOPT.call(descriptor, level, SO_ATTACH_FILTER, header.address(), 16, 0),
        "setsockopt(SO_ATTACH_FILTER)");
  }

  private void bind() throws NativeException {
    toward(0, ETH_P_ALL, new byte[0]);
    NativeException.check(
        BIND.call(descriptor, address.address(), ADDRESS_BYTES, 0), "bind(AF_PACKET)");
  }

  private void toward(int interfaceIndex, int protocol, byte[] mac) {
    address.fill((byte) 0);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
    address.set(SHORT_BE, PROTOCOL_OFFSET, (short) protocol);
    address.set(ValueLayout.JAVA_INT, INTERFACE_OFFSET, interfaceIndex);
    address.set(ValueLayout.JAVA_BYTE, LENGTH_OFFSET, (byte) mac.length);
    MemorySegment.copy(mac, 0, address, ValueLayout.JAVA_BYTE, MAC_OFFSET, mac.length);
  }

  /**
   * Waits for a packet.
   *
   * @param timeoutMillis how long, 0 for not at all
   * @return null if none came
   * @throws NativeException if the socket is of no more use
   */
  public Seen receive(int timeoutMillis) throws NativeException {
    int ready = Sockets.pollIn(descriptor, timeoutMillis);
    if (ready == 0 || Errno.EINTR.is(ready)) {
      return null;
    }
    address.set(ValueLayout.JAVA_INT, ADDRESS_BYTES, ADDRESS_BYTES); // socklen_t, in and out
    long length =
        RECVFROM.callLong(
            descriptor,
            room.address(),
            LONGEST_PACKET,
            Sockets.MSG_DONTWAIT,
            address.address(),
            address.address() + ADDRESS_BYTES);
    if (Errno.EAGAIN.is(length) || Errno.EINTR.is(length) || Errno.ENETDOWN.is(length)) {
      return null;
    }
    NativeException.check((int) length, "recvfrom(AF_PACKET)");
    return new Seen(
        address.get(ValueLayout.JAVA_INT, INTERFACE_OFFSET),
        address.get(ValueLayout.JAVA_BYTE, TYPE_OFFSET) == PACKET_OUTGOING,
        room.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * Sends a packet by an interface, past all routes and rules of this host.
   *
   * @param protocol its EtherType
   * @param mac the neighbour's link-layer address, at most 8 bytes
   * @param bytes from the network header on
   * @throws NativeException ENETDOWN while the interface is down
   */
  public void send(int interfaceIndex, int protocol, byte[] mac, byte[] bytes)
      throws NativeException {
    toward(interfaceIndex, protocol, mac);
    MemorySegment.copy(bytes, 0, room, ValueLayout.JAVA_BYTE, 0, bytes.length);
    long sent =
        SENDTO.callLong(
            descriptor, room.address(), bytes.length, 0, address.address(), ADDRESS_BYTES);
    NativeException.check((int) sent, "sendto(AF_PACKET)");
  }

  /** Closes it; once only. */
  @Override
  public void close() {
    Sockets.close(descriptor);
    arena.close();
  }
}
