package io.synlev.netlink;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells, on a thread of its own, that routes and what they depend on have changed.
 *
 * <p>Changes that come together are told together, and between two calls are at least {@link
 * #PAUSE}: the first of a thousand new routes is told at once, the rest in one. What changes while
 * a call lasts is told by the next. Where messages got lost, everything counts as changed; so who
 * reads the present state after {@link #start}, and again at each call, misses nothing.
 *
 * <p>Watch {@link Topic#LINKS} with routes: when an interface goes down the kernel takes IPv4
 * routes away without a word.
 */
public final class RouteWatch implements AutoCloseable {

  /** The least time between two calls of the listener. */
  public static final Duration PAUSE = Duration.ofMillis(20);

  private static final int DATAGRAM_ROOM = 32 * 1024;
  private static final Duration WAKE_AGAIN = Duration.ofMillis(50);

  /** What can be watched; a message's type tells which it is about. */
  public enum Topic {
    ROUTES(1 << 6 | 1 << 10, Rtnetlink.RTM_NEWROUTE, Rtnetlink.RTM_DELROUTE),
    RULES(1 << 7 | 1 << 18, Rtnetlink.RTM_NEWRULE, Rtnetlink.RTM_DELRULE),
    LINKS(1, Rtnetlink.RTM_NEWLINK, Rtnetlink.RTM_DELLINK),
    ADDRESSES(1 << 4 | 1 << 8, Rtnetlink.RTM_NEWADDR, Rtnetlink.RTM_DELADDR),
    NEIGHBOURS(1 << 2, Rtnetlink.RTM_NEWNEIGH, Rtnetlink.RTM_DELNEIGH);

    /** RTNLGRP_ numbers of IPv4 and IPv6, group n as bit n - 1. */
    private final int groups;

    private final int added;
    private final int deleted;

    Topic(int groups, int added, int deleted) {
      this.groups = groups;
      this.added = added;
      this.deleted = deleted;
    }
  }

  /** Who is told; both are called on the watch's thread. */
  public interface Listener {

    /** Something changed, or may have; the set is the listener's own and never empty. */
    void changed(Set<Topic> topics);

    /** The watch has ended, other than by {@link #close}: nothing more will be told. */
    void failed(Throwable cause);
  }

  private final Arena arena = Arena.ofShared();
  private final NetlinkWriter nothing = new NetlinkWriter(arena, Netlink.HEADER_BYTES);
  private final NetlinkMessages messages = new NetlinkMessages();
  private final long room = arena.allocate(DATAGRAM_ROOM, 8).address();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final NetlinkSocket socket;
  private final Set<Topic> topics;
  private final Listener listener;
  private final Thread thread;
  private boolean ended;

  private RouteWatch(NetlinkSocket socket, Set<Topic> topics, Listener listener) {
    this.socket = socket;
    this.topics = EnumSet.copyOf(topics);
    this.listener = listener;
    thread = Thread.ofPlatform().name("route-watch").daemon(true).unstarted(this::run);
    nothing.begin(Netlink.NLMSG_NOOP, Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK, 0);
    nothing.finish();
  }

  /**
   * Starts watching the calling thread's network namespace; it needs no right.
   *
   * @param topics at least one
   * @throws NativeException when the kernel gives no socket
   */
  public static RouteWatch start(Set<Topic> topics, Listener listener) throws NativeException {
    return start(topics, listener, 0);
  }

  /** The same with another receive buffer than the kernel's default, in bytes. */
  static RouteWatch start(Set<Topic> topics, Listener listener, int receiveBuffer)
      throws NativeException {
    int groups = topics.stream().mapToInt(topic -> topic.groups).reduce(0, (a, b) -> a | b);
    NetlinkSocket socket = NetlinkSocket.open(Netlink.NETLINK_ROUTE, groups);
    if (receiveBuffer > 0) {
      Sockets.setOption(socket.descriptor(), Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, receiveBuffer);
    }
    RouteWatch watch = new RouteWatch(socket, topics, listener);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (closing.getCount() > 0) {
        Set<Topic> changed = EnumSet.noneOf(Topic.class);
        boolean isMore = receive(0, changed);
        while (isMore) {
          isMore = receive(Sockets.MSG_DONTWAIT, changed);
        }
        if (!changed.isEmpty() && closing.getCount() > 0) {
          listener.changed(changed);
          if (closing.await(PAUSE.toNanos(), TimeUnit.NANOSECONDS)) {
            return;
          }
        }
      }
    } catch (NativeException | InterruptedException | RuntimeException | Error e) {
      if (closing.getCount() > 0) {
        listener.failed(e);
      }
    } finally {
      end();
    }
  }

  /** Takes one datagram; false when there is none. */
  private boolean receive(int flags, Set<Topic> changed) throws NativeException {
    long bytes = Sockets.receive(socket.descriptor(), room, DATAGRAM_ROOM, flags);
    if (Errno.EAGAIN.is(bytes)) {
      return false;
    }
    if (Errno.ENOBUFS.is(bytes)) {
      changed.addAll(topics); // the kernel had no room for some
      return true;
    }
    if (Errno.EINTR.is(bytes)) {
      return true;
    }
    NativeException.check(bytes, "recv of route changes");
    messages.begin(room, (int) bytes);
    while (messages.advance()) {
      note(messages.type(), changed);
    }
    return true;
  }

  private void note(int type, Set<Topic> changed) {
    for (Topic topic : topics) {
      if (type == topic.added || type == topic.deleted) {
        changed.add(topic);
      }
    }
  }

  private synchronized void end() {
    ended = true;
    socket.close();
    arena.close();
  }

  /** The kernel acknowledges, which wakes the thread. */
  private synchronized void wake() {
    if (!ended) {
      socket.send(nothing);
    }
  }

  /**
   * Ends the watch; when it returns, the listener is not called any more. On the watch's own thread
   * it returns at once, and the watch ends with the present call.
   */
  @Override
  public void close() {
    closing.countDown();
    boolean interrupted = false;
    while (Thread.currentThread() != thread && thread.isAlive()) {
      wake();
      try {
        thread.join(WAKE_AGAIN);
      } catch (InterruptedException e) {
        interrupted = true; // the thread ends within milliseconds
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
