package io.synlev.netlink;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A netlink socket of the network namespace in which its opener was.
 *
 * <p>{@link #ask} is for one thread at a time; sending and closing are safe from any.
 */
public final class NetlinkSocket implements AutoCloseable {

  /** Longer than what the kernel puts into one datagram that is no dump (NLMSG_GOODSIZE). */
  private static final int ANSWER_ROOM = 8192;

  /** Answers to former questions that are passed over at most. */
  private static final int STALE_ANSWERS = 8;

  private final Arena arena = Arena.ofShared();
  private final int descriptor;
  private final long answer;
  private final AtomicBoolean closed = new AtomicBoolean();

  private NetlinkSocket(int descriptor) {
    this.descriptor = descriptor;
    answer = arena.allocate(ANSWER_ROOM, 8).address();
  }

  /**
   * Opens a socket.
   *
   * @param protocol such as {@link Netlink#NETLINK_ROUTE}
   * @param groups multicast groups to hear, group n as bit n - 1; 0 for none
   * @throws NativeException when the kernel lacks the protocol, or a right is missing
   */
  public static NetlinkSocket open(int protocol, int groups) throws NativeException {
    int type = Sockets.SOCK_RAW | Sockets.SOCK_CLOEXEC;
    int descriptor = Sockets.socket(Sockets.AF_NETLINK, type, protocol);
    NativeException.check(descriptor, "socket(AF_NETLINK, protocol " + protocol + ")");
    NetlinkSocket socket = new NetlinkSocket(descriptor);
    try {
      NativeException.check(
          Sockets.bindNetlink(descriptor, groups),
          "bind of a netlink socket to groups 0x" + Integer.toHexString(groups));
      return socket;
    } catch (NativeException e) {
      socket.close();
      throw e;
    }
  }

  /** The file descriptor. */
  public int descriptor() {
    return descriptor;
  }

  /** Sends a finished message: its bytes, or a negative errno. */
  public long send(NetlinkWriter message) {
    long sent;
    do {
      sent = Sockets.send(descriptor, message.address(), message.length(), 0);
    } while (Errno.EINTR.is(sent));
    return sent;
  }

  /**
   * Sends a request and reads its answer of one message.
   *
   * <p>Never waits for an answer: the kernel works on a request while it is being sent
   * (netlink_unicast_kernel in net/netlink/af_netlink.c), so the answer is there before send(2)
   * returns. Neither allocates nor throws.
   *
   * @param request finished, its sequence another than that of the request before
   * @param reply stands at the answer when the result is positive, until the next question
   * @return the answer's type, 0 for an acknowledgement, or a negative errno: what the kernel said,
   *     or EAGAIN when it said nothing
   */
  public int ask(NetlinkWriter request, int sequence, NetlinkMessages reply) {
    long result = send(request);
    for (int stale = 0; result >= 0 && stale <= STALE_ANSWERS; stale++) {
      result = Sockets.receive(descriptor, answer, ANSWER_ROOM, Sockets.MSG_DONTWAIT);
      if (Errno.EINTR.is(result)) {
        result = 0;
        continue;
      }
      reply.begin(answer, (int) Math.max(result, 0));
      while (reply.advance() && !reply.isBroken()) {
        if (reply.sequence() == sequence) {
          return reply.type() == Netlink.NLMSG_ERROR ? reply.error() : reply.type();
        }
      }
    }
    return result < 0 ? (int) result : -Errno.EAGAIN.number();
  }

  /**
   * Sends a request for all that there is (NLM_F_DUMP) and shows each message of the answer.
   *
   * <p>Never waits: the kernel writes the first datagram while the request is being sent, and each
   * further one while the one before is being read (netlink_dump in net/netlink/af_netlink.c).
   *
   * @param request finished, its sequence another than that of the request before
   * @param reply stands at the message while {@code visitor} runs
   * @return 0, or a negative errno: what the kernel said, or EAGAIN when it stopped halfway
   */
  public int dump(NetlinkWriter request, int sequence, NetlinkMessages reply, Runnable visitor) {
    long result = send(request);
    while (result >= 0) {
      result = Sockets.receive(descriptor, answer, ANSWER_ROOM, Sockets.MSG_DONTWAIT);
      if (Errno.EINTR.is(result)) {
        result = 0;
        continue;
      }
      reply.begin(answer, (int) Math.max(result, 0));
      while (reply.advance() && !reply.isBroken()) {
        if (reply.sequence() != sequence) {
          continue; // of a dump that was given up
        }
        // Both have an errno behind the header; struct nlmsgerr, and netlink_dump_done.
        if (reply.type() == Netlink.NLMSG_DONE || reply.type() == Netlink.NLMSG_ERROR) {
          return reply.error();
        }
        visitor.run();
      }
    }
    return (int) result;
  }

  /** Closes it; only the first call does anything. No other thread may be in a call. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Sockets.close(descriptor);
      arena.close();
    }
  }
}
