package io.synlev.health;

import static io.synlev.ffi.Sockets.SOCK_CLOEXEC;
import static io.synlev.ffi.Sockets.SOCK_NONBLOCK;

import io.synlev.ffi.Epoll;
import io.synlev.ffi.Errno;
import io.synlev.ffi.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Sockets of checks: opened with the backend's mark, watched, closed without traces. Allocates
 * nothing per check. One thread.
 */
final class Wire {
  /** More than an answer needs that is looked at as a whole. */
  static final int ROOM = 16 << 10;

  private final Epoll epoll;
  private final MemorySegment linger;
  private final MemorySegment zero;
  private final MemorySegment room;

  Wire(Epoll epoll, Arena arena) {
    this.epoll = epoll;
    // struct linger, socket(7): on, for no time. Closing then sends a reset and leaves no
    // TIME_WAIT.
    this.linger = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 0);
    this.zero = arena.allocateFrom(ValueLayout.JAVA_INT, 0);
    this.room = arena.allocate(ROOM, 8);
  }

  /**
   * Opens a socket of the target's family with its mark, and connects it.
   *
   * @param type {@link Sockets#SOCK_STREAM} or another
   * @return 0 when it is connected, or a negative errno; {@link Errno#EINPROGRESS} if it will be
   */
  int connect(Target target, int type, int protocol) {
    int result = open(target, type, protocol);
    return result < 0 ? result : Sockets.connect(target.descriptor, target.question.to());
  }

  /** Opens a socket with the target's mark. */
  private int open(Target target, int type, int protocol) {
    Subject subject = target.subject;
    int descriptor =
        Sockets.socket(
            target.question.to().family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (descriptor < 0) {
      return descriptor;
    }
    target.descriptor = descriptor;
    if (subject.mark() != 0) {
      int result =
          Sockets.setOption(
              descriptor,
              Sockets.SOL_SOCKET,
              Sockets.SO_MARK,
              target.question.markAddress(),
              Integer.BYTES);
      if (result < 0) {
        return result;
      }
    }
    return type == Sockets.SOCK_STREAM
        ? Sockets.setOption(descriptor, Sockets.SOL_SOCKET, Sockets.SO_LINGER, linger.address(), 8)
        : 0;
  }

  /**
   * The same for one who only wants to know whether somebody would take the connection: its third
   * packet is held back, so that the server's program is not woken for what ends at once.
   */
  int knock(Target target) {
    int result = open(target, Sockets.SOCK_STREAM, 0);
    if (result == 0) {
      result =
          Sockets.setOption(
              target.descriptor,
              Sockets.IPPROTO_TCP,
              Sockets.TCP_QUICKACK,
              zero.address(),
              Integer.BYTES);
    }
    return result < 0 ? result : Sockets.connect(target.descriptor, target.question.to());
  }

  /** Has the target told of what happens at its socket. */
  Outcome watch(Target target, int interest) {
    return watched(epoll.add(target.descriptor, interest, target.tag()));
  }

  /** The same for a socket that is watched already. */
  Outcome watchFor(Target target, int interest) {
    return watched(epoll.change(target.descriptor, interest, target.tag()));
  }

  private static Outcome watched(int result) {
    return result < 0 ? Outcome.OWN_FAULT : Outcome.PENDING;
  }

  /** What the error says that waits at the target's socket. */
  static Outcome error(Target target) {
    int error = Sockets.getOption(target.descriptor, Sockets.SOL_SOCKET, Sockets.SO_ERROR);
    return error == 0 ? Outcome.CLOSED : Outcome.of(Math.abs(error));
  }

  /** Receives into {@link #room}: bytes, 0 at the end, or a negative errno. */
  int receive(Target target) {
    return receive(target, ROOM);
  }

  /** The same for at most so many bytes. */
  int receive(Target target, int most) {
    return (int) Sockets.receive(target.descriptor, room.address(), most, 0);
  }

  /** Where received bytes stand until the next are. */
  MemorySegment room() {
    return room;
  }

  /** Sends bytes: how many were taken, or a negative errno. */
  static int send(Target target, MemorySegment bytes, long from) {
    return (int)
        Sockets.send(
            target.descriptor,
            bytes.address() + from,
            bytes.byteSize() - from,
            Sockets.MSG_NOSIGNAL);
  }

  /** Closes the target's socket if it has one. */
  static void close(Target target) {
    if (target.descriptor >= 0) {
      Sockets.close(target.descriptor);
      target.descriptor = -1;
    }
  }

  /** Whether a call would have had to wait. */
  static boolean mustWait(int result) {
    return Errno.EAGAIN.is(result);
  }
}
