package io.synlev.ffi;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A connection between two processes of this host that carries short texts and open descriptors
 * (SCM_RIGHTS, unix(7)): messages keep their bounds, and each end notices when the other is gone,
 * however it went.
 *
 * <p>A descriptor that was received is the receiver's own, and stands for the same open file. One
 * thread at a time; {@link #close} by any.
 */
public final class DescriptorChannel implements AutoCloseable {

  /** The longest text in bytes. */
  public static final int LONGEST_TEXT = 4096;

  private final int descriptor;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final byte[] room = new byte[LONGEST_TEXT];

  private DescriptorChannel(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * What came.
   *
   * @param text not empty; null when the other end is gone
   * @param descriptors the receiver's from now on: to be closed with {@link Descriptors#close}
   */
  public record Message(String text, List<Integer> descriptors) {
    private static final Message END = new Message(null, List.of());

    /** Whether the other end is gone and nothing else will come. */
    public boolean isEnd() {
      return text == null;
    }
  }

  /** Waits for one connection. */
  public static final class Listener implements AutoCloseable {
    private final Path file;
    private final int descriptor;

    private Listener(Path file, int descriptor) {
      this.file = file;
      this.descriptor = descriptor;
    }

    /**
     * Waits.
     *
     * @return null when nobody came
     */
    public DescriptorChannel accept(int timeoutMillis) throws NativeException {
      int ready = Sockets.pollIn(descriptor, timeoutMillis);
      if (ready == 0 || Errno.EINTR.is(ready)) {
        return null;
      }
      NativeException.check(ready, "poll of " + file);
      return new DescriptorChannel(
          NativeException.check(UnixSockets.accept(descriptor), "accept on " + file));
    }

    /** Ends the waiting and removes the file. */
    @Override
    public void close() throws IOException {
      Descriptors.close(descriptor);
      Files.deleteIfExists(file);
    }
  }

  /**
   * Makes a file that others can connect to, if the directory's and the file's modes let them.
   *
   * @throws NativeException EADDRINUSE when the file is there
   */
  public static Listener listen(Path file) throws NativeException {
    int descriptor = open();
    int result = UnixSockets.listen(descriptor, file, 1);
    if (result < 0) {
      Descriptors.close(descriptor);
      throw new NativeException("listening on " + file, -result);
    }
    return new Listener(file, descriptor);
  }

  /** Connects to who listens on a file. */
  public static DescriptorChannel connect(Path file) throws NativeException {
    int descriptor = open();
    int result = UnixSockets.connect(descriptor, file);
    if (result < 0) {
      Descriptors.close(descriptor);
      throw new NativeException("connecting to " + file, -result);
    }
    return new DescriptorChannel(descriptor);
  }

  private static int open() throws NativeException {
    int type = Sockets.SOCK_SEQPACKET | Sockets.SOCK_CLOEXEC;
    return NativeException.check(Sockets.socket(Sockets.AF_UNIX, type, 0), "socket(AF_UNIX)");
  }

  /**
   * Whether the other end was opened by root or by a process of our own user; what else must not
   * get a descriptor of ours.
   */
  public boolean isTrusted() {
    long uid = UnixSockets.peerUid(descriptor);
    return uid == 0 || uid == ownUid();
  }

  private static long ownUid() {
    int[] pair = new int[2];
    if (Sockets.socketPair(Sockets.AF_UNIX, Sockets.SOCK_SEQPACKET, pair) < 0) {
      return -1;
    }
    long uid = UnixSockets.peerUid(pair[0]);
    Sockets.close(pair[0]);
    Sockets.close(pair[1]);
    return uid;
  }

  /**
   * Sends a text, and descriptors that stay open here.
   *
   * @param text 1 to {@value #LONGEST_TEXT} bytes
   * @throws NativeException EPIPE when the other end is gone
   */
  public void send(String text, int... descriptors) throws NativeException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > LONGEST_TEXT) {
      throw new IllegalArgumentException("a message of " + bytes.length + " bytes");
    }
    long sent;
    do {
      sent = UnixSockets.send(descriptor, bytes, descriptors);
    } while (Errno.EINTR.is(sent));
    NativeException.check(sent, "sendmsg of '" + text + "'");
  }

  /**
   * Waits for a message.
   *
   * @param timeoutMillis how long; 0 not at all
   * @return null when none came in time
   */
  public Message receive(int timeoutMillis) throws NativeException {
    int ready = Sockets.pollIn(descriptor, timeoutMillis);
    if (ready == 0 || Errno.EINTR.is(ready)) {
      return null;
    }
    NativeException.check(ready, "poll");
    int[] came = new int[UnixSockets.MOST_DESCRIPTORS];
    long length = UnixSockets.receive(descriptor, room, came);
    if (length == 0 || Errno.ECONNRESET.is(length)) {
      return Message.END;
    }
    NativeException.check(length, "recvmsg");
    List<Integer> descriptors = new ArrayList<>();
    for (int each : came) {
      if (each >= 0) {
        descriptors.add(each);
      }
    }
    return new Message(
        new String(room, 0, (int) length, StandardCharsets.UTF_8), List.copyOf(descriptors));
  }

  /** Ends the connection; only the first call does anything. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Descriptors.close(descriptor);
    }
  }
}
