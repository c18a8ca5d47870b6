package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A right that exactly one of two processes has: a datagram in a pair of sockets (socketpair(2)),
 * that both can receive. Who receives it has it; the kernel gives it to one. It is safe from the
 * death of either at any time, which no two messages are.
 *
 * <p>One thread at a time.
 */
public final class Baton implements AutoCloseable {

  private static final int LONGEST_TEXT = 4096;

  private final int offering;
  private final int taking;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Baton(int offering, int taking) {
    this.offering = offering;
    this.taking = taking;
  }

  /** Makes one that nobody can take yet. */
  public static Baton make() throws NativeException {
    int[] pair = new int[2];
    int type = Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC;
    NativeException.check(Sockets.socketPair(Sockets.AF_UNIX, type, pair), "socketpair(AF_UNIX)");
    return new Baton(pair[0], pair[1]);
  }

  /**
   * One that another process has made.
   *
   * @param descriptor what {@link #descriptor} is there; closed with this
   */
  public static Baton of(int descriptor) {
    return new Baton(-1, descriptor);
  }

  /** What the other process needs to take it. */
  public int descriptor() {
    return taking;
  }

  /**
   * Lets one of the two take it. Only who has made it can.
   *
   * @param text for whoever takes it, 1 to {@value #LONGEST_TEXT} bytes
   */
  public void offer(String text) throws NativeException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      NativeException.check(
          Sockets.send(offering, room.address(), bytes.length, 0), "send of a baton");
    }
  }

  /**
   * Takes it.
   *
   * @param timeoutMillis how long to wait for it; 0 not at all
   * @return the text it was offered with, or null: it was not offered, or the other has it
   */
  public String take(int timeoutMillis) throws NativeException {
    if (Sockets.pollIn(taking, timeoutMillis) <= 0) {
      return null;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(LONGEST_TEXT);
      long got = Sockets.receive(taking, room.address(), LONGEST_TEXT, Sockets.MSG_DONTWAIT);
      if (Errno.EAGAIN.is(got) || Errno.EINTR.is(got)) {
        return null;
      }
      NativeException.check(got, "recv of a baton");
      byte[] bytes = room.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE);
      return bytes.length == 0 ? null : new String(bytes, StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Descriptors.close(taking);
      if (offering >= 0) {
        Descriptors.close(offering);
      }
    }
  }
}
