package io.synlev.control;

import io.synlev.state.StateDirectory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Asks a running daemon. One thread at a time. */
public final class ControlClient implements AutoCloseable {
  /** Longer than anything that the daemon does for a call. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  private static final int LONGEST_ANSWER = 16 << 20;
  private static final long RETRY_NANOS = 5_000_000;

  private final Path socket;
  private final SocketChannel channel;
  private final Selector selector;
  private final Duration timeout;
  private final LineBuffer lines = new LineBuffer(LONGEST_ANSWER);
  private final ByteBuffer scratch = ByteBuffer.allocate(8192);
  private long lastId;

  private ControlClient(Path socket, SocketChannel channel, Duration timeout) throws IOException {
    this.socket = socket;
    this.channel = channel;
    this.timeout = timeout;
    this.selector = channel.provider().openSelector();
    channel.register(selector, SelectionKey.OP_READ);
  }

  /**
   * Connects to an instance's daemon.
   *
   * @param timeout how long connecting, and each call, may take
   * @throws ControlException if none runs, we may not, or it does not answer
   */
  public static ControlClient connect(StateDirectory directory, Duration timeout) {
    Path socket = SocketFile.checkLength(directory.controlSocket());
    long deadline = System.nanoTime() + timeout.toNanos();
    do {
      try {
        return new ControlClient(socket, open(socket), timeout);
      } catch (ConnectException e) {
        throw ConnectFailure.explain(directory, e);
      } catch (IOException e) {
        // EAGAIN, of connect(2) to a Unix socket: the server's backlog is full.
        if (!Files.isWritable(socket)) {
          throw ConnectFailure.explain(directory, e);
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    } while (System.nanoTime() - deadline < 0);
    throw new ControlException("lbd does not answer on " + socket + " within " + text(timeout));
  }

  private static SocketChannel open(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.configureBlocking(false);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Connects, asks and disconnects; again, when one daemon is taking over from another.
   *
   * @throws ControlException as {@link #connect} and {@link #call} do
   */
  public static Object ask(StateDirectory directory, String method, Map<String, Object> params) {
    long deadline = System.nanoTime() + DEFAULT_TIMEOUT.toNanos();
    while (true) {
      try (ControlClient client = connect(directory, DEFAULT_TIMEOUT)) {
        return client.call(method, params);
      } catch (RpcException e) {
        if (e.code() != RpcError.ASK_AGAIN || System.nanoTime() - deadline >= 0) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  /**
   * Calls a method and waits for the answer. After a {@link ControlException} that is no {@link
   * RpcException} the connection is of no more use.
   *
   * @param params the parameters by name
   * @return the result: a map, list, string, number, boolean or null
   * @throws RpcException if the daemon refuses
   * @throws ControlException if no answer comes in time
   */
  public Object call(String method, Map<String, Object> params) {
    long id = ++lastId;
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("jsonrpc", "2.0");
    request.put("id", id);
    request.put("method", method);
    if (!params.isEmpty()) {
      request.put("params", params);
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      send(Json.write(request) + "\n", deadline, method);
      while (true) {
        Map<?, ?> response = receive(deadline, method);
        Object answered = response.get("id");
        // An answer to an earlier call that was given up, if it is not ours and not an error's.
        if (answered == null || (answered instanceof Number number && number.longValue() == id)) {
          return result(response);
        }
      }
    } catch (CharacterCodingException | LineBuffer.TooLongException e) {
      throw new ControlException("what answers on " + socket + " is not lbd: " + e, e);
    } catch (IOException e) {
      throw new ControlException(
          "lbd hung up on '" + method + "' (" + socket + "): " + e.getMessage(), e);
    }
  }

  private static Object result(Map<?, ?> response) {
    if (response.get("error") instanceof Map<?, ?> error) {
      int code = error.get("code") instanceof Number number ? number.intValue() : 0;
      throw new RpcException(code, String.valueOf(error.get("message")));
    }
    return response.get("result");
  }

  private void send(String line, long deadline, String method) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    while (channel.write(bytes) >= 0 && bytes.hasRemaining()) {
      await(SelectionKey.OP_WRITE, deadline, method);
    }
  }

  private Map<?, ?> receive(long deadline, String method)
      throws IOException, LineBuffer.TooLongException {
    String line = lines.next();
    while (line == null) {
      await(SelectionKey.OP_READ, deadline, method);
      if (channel.read(scratch.clear()) < 0) {
        throw new IOException("the connection was closed before the answer came");
      }
      lines.append(scratch.flip());
      line = lines.next();
    }
    try {
      if (Json.read(line) instanceof Map<?, ?> response) {
        return response;
      }
      throw new ControlException("what answers on " + socket + " is not lbd: no JSON object");
    } catch (IOException e) {
      throw new ControlException("what answers on " + socket + " is not lbd: no JSON", e);
    }
  }

  private void await(int operation, long deadline, String method) throws IOException {
    channel.keyFor(selector).interestOps(operation);
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0 || selector.select(millis) == 0) {
      throw new ControlException(
          "lbd did not answer '" + method + "' within " + text(timeout) + " (" + socket + ")");
    }
    selector.selectedKeys().clear();
  }

  private static String text(Duration timeout) {
    return timeout.toMillis() + " ms";
  }

  @Override
  public void close() {
    try (selector;
        channel) {
      // Closing is all.
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
