package io.synlev.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Waits for many descriptors at once, epoll(7), level-triggered. {@link #add}, {@link #change},
 * {@link #await} and the accessors neither allocate nor throw. Belongs to one thread, but for
 * {@link #wake}.
 *
 * <p>A descriptor that is closed is watched no more; nothing needs to be said.
 */
public final class Epoll implements AutoCloseable {

  /** epoll_ctl(2): there is something to read, or the end. */
  public static final int IN = 1;

  /** epoll_ctl(2): there is room to write, or a connection was made. */
  public static final int OUT = 4;

  /** epoll_ctl(2): an error waits in SO_ERROR; always watched for. */
  public static final int ERROR = 8;

  /** epoll_ctl(2): the connection is over in both directions; always watched for. */
  public static final int HANG_UP = 0x10;

  private static final int CTL_ADD = 1;
  private static final int CTL_MOD = 3;
  private static final int CLOEXEC = 0x80000;
  private static final int EFD_NONBLOCK = 0x800;

  /** struct epoll_event of include/uapi/linux/eventpoll.h is packed on x86-64 alone. */
  private static final int DATA_OFFSET = System.getProperty("os.arch").equals("amd64") ? 4 : 8;

  private static final int EVENT_BYTES = DATA_OFFSET + 8;

  /** What {@link #data} says of {@link #wake}. */
  public static final long WAKE = -1;

  private static final NativeFunction CREATE = Native.libc("epoll_create1");
  private static final NativeFunction CTL = Native.libc("epoll_ctl");
  private static final NativeFunction WAIT = Native.libc("epoll_wait");
  private static final NativeFunction EVENTFD = Native.libc("eventfd");

  private final Arena arena = Arena.ofShared();
  private final MemorySegment events;
  private final MemorySegment one;
  private final MemorySegment counter;
  private final int capacity;
  private final int epoll;
  private final int waker;

  private Epoll(int capacity, int epoll, int waker) {
    this.capacity = capacity;
    this.epoll = epoll;
    this.waker = waker;
    this.events = arena.allocate((long) capacity * EVENT_BYTES, 8);
    this.one = arena.allocate(EVENT_BYTES, 8);
    this.counter = arena.allocate(8, 8);
  }

  /**
   * Opens one.
   *
   * @param capacity the most events that one {@link #await} returns
   * @throws NativeException when the kernel gives no descriptor
   */
  public static Epoll open(int capacity) throws NativeException {
    int epoll = NativeException.check(CREATE.call(CLOEXEC, 0, 0, 0), "epoll_create1()");
    int waker = EVENTFD.call(0, CLOEXEC | EFD_NONBLOCK, 0, 0);
    if (waker < 0) {
      Sockets.close(epoll);
      throw new NativeException("eventfd()", -waker);
    }
    Epoll opened = new Epoll(capacity, epoll, waker);
    int result = opened.add(waker, IN, WAKE);
    if (result < 0) {
      opened.close();
      throw new NativeException("epoll_ctl(eventfd)", -result);
    }
    return opened;
  }

  /**
   * Watches a descriptor.
   *
   * @param interest {@link #IN}, {@link #OUT} or both
   * @param data told with its events; not -1
   * @return 0 or a negative errno
   */
  public int add(int descriptor, int interest, long data) {
    return control(CTL_ADD, descriptor, interest, data);
  }

  /** Watches a descriptor for something else. */
  public int change(int descriptor, int interest, long data) {
    return control(CTL_MOD, descriptor, interest, data);
  }

  private int control(int operation, int descriptor, int interest, long data) {
    one.set(JAVA_INT_UNALIGNED, 0, interest);
    one.set(JAVA_LONG_UNALIGNED, DATA_OFFSET, data);
    return CTL.call(epoll, operation, descriptor, one.address());
  }

  /**
   * Waits for events or {@link #wake}.
   *
   * @param timeoutMillis 0 not at all, negative for ever
   * @return how many there are, or a negative errno (EINTR is 0)
   */
  public int await(int timeoutMillis) {
    int count = WAIT.call(epoll, events.address(), capacity, timeoutMillis);
    return Errno.EINTR.is(count) ? 0 : count;
  }

  /** What was given with the descriptor of an event; -1 for {@link #wake}. */
  public long data(int event) {
    return events.get(JAVA_LONG_UNALIGNED, (long) event * EVENT_BYTES + DATA_OFFSET);
  }

  /** What happened to it: bits of {@link #IN} to {@link #HANG_UP}. */
  public int happened(int event) {
    return events.get(JAVA_INT_UNALIGNED, (long) event * EVENT_BYTES);
  }

  /** Ends the present or next {@link #await}. Any thread, not after {@link #close}. */
  public void wake() {
    try (Arena own = Arena.ofConfined()) {
      MemorySegment number = own.allocate(8, 8);
      number.set(JAVA_LONG_UNALIGNED, 0, 1);
      Descriptors.write(waker, number.address(), 8);
    }
  }

  /** Takes note of {@link #wake}: without it every {@link #await} returns at once. */
  public void woken() {
    Descriptors.take(waker, counter.address(), 8);
  }

  @Override
  public void close() {
    Sockets.close(waker);
    Sockets.close(epoll);
    arena.close();
  }
}
