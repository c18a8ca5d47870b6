package io.synlev.netfilter;

import io.synlev.ffi.Descriptors;
import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import io.synlev.memory.Memory;
import io.synlev.netlink.Netlink;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The netlink socket of one queue: opened by libmnl, configured with messages that
 * libnetfilter_queue writes.
 *
 * <p>Requests ask for an acknowledgement, which the reader of the socket gets under the request's
 * sequence. Sending is safe from any thread; {@link #close} closes once.
 */
final class QueueSocket implements AutoCloseable {

  /** Sequence of the configuration request; verdicts have 0. */
  static final int CONFIGURE = 1;

  /** Sequence of the request to let the queue go. */
  static final int UNBIND = 2;

  /** Sequence of a request that changes nothing: its answer wakes the reader. */
  static final int WAKE = 3;

  /** No configuration message is longer. */
  private static final int MESSAGE_ROOM = 256;

  private final Mnl mnl;
  private final NfqLibrary library;
  private final QueueOptions options;
  private final long socket;
  private final int descriptor;
  private final AtomicBoolean closed = new AtomicBoolean();

  private QueueSocket(Mnl mnl, NfqLibrary library, QueueOptions options, long socket) {
    this.mnl = mnl;
    this.library = library;
    this.options = options;
    this.socket = socket;
    descriptor = mnl.descriptor(socket);
  }

  /**
   * Opens the socket in the calling thread's network namespace and sizes its buffer; the queue is
   * not bound yet. Or goes on with a socket that has bound it.
   *
   * @param inherited the queue as another process has bound it, or null; its descriptor is closed
   *     with the socket, and after a failure
   * @throws NativeException when the kernel has no nfnetlink, or a socket option is refused
   */
  static QueueSocket open(
      Mnl mnl, NfqLibrary library, QueueOptions options, BoundSockets.Queue inherited)
      throws NativeException {
    return inherited == null
        ? open(mnl, library, options)
        : adopt(mnl, library, options, inherited.descriptor());
  }

  static QueueSocket open(Mnl mnl, NfqLibrary library, QueueOptions options)
      throws NativeException {
    long socket = mnl.openSocket(Netlink.NETLINK_NETFILTER, Sockets.SOCK_CLOEXEC);
    NativeException.check(socket, "socket(AF_NETLINK, NETLINK_NETFILTER)");
    QueueSocket opened = new QueueSocket(mnl, library, options, socket);
    try {
      NativeException.check(mnl.bindSocket(socket), "bind of a netlink socket");
      opened.setOption(Netlink.NETLINK_NO_ENOBUFS, "NETLINK_NO_ENOBUFS");
      opened.setOption(Netlink.NETLINK_CAP_ACK, "NETLINK_CAP_ACK");
      opened.sizeReceiveBuffer();
      return opened;
    } catch (NativeException e) {
      opened.close();
      throw e;
    }
  }

  private static QueueSocket adopt(
      Mnl mnl, NfqLibrary library, QueueOptions options, int descriptor) throws NativeException {
    long socket = mnl.adoptSocket(descriptor);
    if (socket < 0) {
      Descriptors.close(descriptor);
      throw new NativeException("taking over queue " + options.queue(), (int) -socket);
    }
    QueueSocket adopted = new QueueSocket(mnl, library, options, socket);
    try {
      adopted.sizeReceiveBuffer();
      return adopted;
    } catch (NativeException e) {
      adopted.close();
      throw e;
    }
  }

  private void setOption(int option, String name) throws NativeException {
    NativeException.check(
        Sockets.setOption(descriptor, Netlink.SOL_NETLINK, option, 1),
        "setsockopt(" + name + ", 1)");
  }

  /** Asks for the receive buffer that the options say. */
  void sizeReceiveBuffer() throws NativeException {
    int bytes = options.receiveBuffer();
    int forced = Sockets.setOption(descriptor, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, bytes);
    if (Errno.EPERM.is(forced)) {
      int result = Sockets.setOption(descriptor, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, bytes);
      NativeException.check(result, "setsockopt(SO_RCVBUF, " + bytes + ")");
    } else {
      NativeException.check(forced, "setsockopt(SO_RCVBUFFORCE, " + bytes + ")");
    }
  }

  /** Where packets arrive and verdicts go. */
  int descriptor() {
    return descriptor;
  }

  /** What the kernel calls this socket, an unsigned 32-bit number. */
  long portId() {
    return Integer.toUnsignedLong(mnl.portId(socket));
  }

  /** The receive buffer in force, in bytes. */
  int receiveBuffer() throws NativeException {
    return NativeException.check(
        Sockets.getOption(descriptor, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF),
        "getsockopt(SO_RCVBUF)");
  }

  /**
   * Asks for the queue with everything set at once, so that no packet is ever queued half
   * configured. The answer comes under {@link #CONFIGURE}.
   *
   * @param bind whether the queue is still to be bound; otherwise only its settings change
   */
  void sendConfiguration(boolean bind) throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      long message = arena.allocate(MESSAGE_ROOM, 8).address();
      library.begin(message, NfqLibrary.CONFIG, options.queue());
      if (bind) {
        library.command(message, Nfqueue.NFQNL_CFG_CMD_BIND);
      }
      library.parameters(message, Nfqueue.NFQNL_COPY_PACKET, options.copyRange());
      library.maxLength(message, options.queueLength());
      int flags =
          (options.failOpen() ? Nfqueue.NFQA_CFG_F_FAIL_OPEN : 0)
              | (options.gso() ? Nfqueue.NFQA_CFG_F_GSO : 0);
      int mask = Nfqueue.NFQA_CFG_F_FAIL_OPEN | Nfqueue.NFQA_CFG_F_GSO;
      // Attribute contents are big-endian and libmnl stores ints as they are.
      mnl.putInt(message, Nfqueue.NFQA_CFG_FLAGS, bigEndian(flags));
      mnl.putInt(message, Nfqueue.NFQA_CFG_MASK, bigEndian(mask));
      sendRequest(message, CONFIGURE, "configuration of queue " + options.queue());
    }
  }

  private static int bigEndian(int value) {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value);
  }

  /** Lets the queue go; the answer comes under {@link #UNBIND} and wakes the reader. */
  void sendUnbind() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      long message = arena.allocate(MESSAGE_ROOM, 8).address();
      library.begin(message, NfqLibrary.CONFIG, options.queue());
      library.command(message, Nfqueue.NFQNL_CFG_CMD_UNBIND);
      sendRequest(message, UNBIND, "release of queue " + options.queue());
    }
  }

  /** Wakes the reader and changes nothing else: a configuration of nothing, which is answered. */
  void sendWake() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      long message = arena.allocate(MESSAGE_ROOM, 8).address();
      library.begin(message, NfqLibrary.CONFIG, options.queue());
      sendRequest(message, WAKE, "waking the reader of queue " + options.queue());
    }
  }

  /**
   * Drops the packets that came before one and have no verdict yet. Where there are none, the
   * kernel answers ENOENT under sequence 0.
   *
   * @param packetId of the first that stays
   */
  void sendDropBefore(int packetId) throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      long message = arena.allocate(MESSAGE_ROOM, 8).address();
      library.begin(message, NfqLibrary.VERDICT_BATCH, options.queue());
      library.verdict(message, packetId - 1, Nfqueue.NF_DROP);
      send(message, "dropping what had no verdict in queue " + options.queue());
    }
  }

  private void sendRequest(long message, int sequence, String what) throws NativeException {
    short flags = Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK;
    Memory.putShort(message + Netlink.FLAGS_OFFSET, flags);
    Memory.putInt(message + Netlink.SEQUENCE_OFFSET, sequence);
    send(message, what);
  }

  private void send(long message, String what) throws NativeException {
    int length = Memory.getInt(message + Netlink.LENGTH_OFFSET);
    long result;
    do {
      result = Sockets.send(descriptor, message, length, 0);
    } while (Errno.EINTR.is(result));
    NativeException.check(result, what);
  }

  /** What a refused configuration means, from the answer's negative errno. */
  NativeException refused(int answer) {
    int queue = options.queue();
    String what = "queue " + queue;
    if (Errno.EPERM.is(answer) || Errno.EBUSY.is(answer)) {
      Optional<QueueHolder> holder = QueueHolder.of(queue);
      return holder.isPresent()
          ? new NativeException(
              what + " is held by " + holder.get(),
              -answer,
              "stop it, or choose another queue number")
          : new NativeException(what, -answer, "give CAP_NET_ADMIN, or run as root");
    }
    if (Errno.EOPNOTSUPP.is(answer)) {
      return new NativeException(
          what + " with fail-open or gso", -answer, "needs Linux 3.10 or later");
    }
    return new NativeException(what, -answer);
  }

  /**
   * Closes the socket, which also lets the queue go unless another process has it, too; only the
   * first call does anything.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      mnl.closeSocket(socket);
    }
  }
}
