package io.synlev.control;

import io.synlev.threads.Threads;
import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import jnr.enxio.channels.NativeSelectorProvider;
import jnr.unixsocket.Credentials;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;

/**
 * Listens on a socket in an instance's directory and answers with a {@link Dispatcher}, for many
 * clients on one thread.
 *
 * <p>No client can stop it from serving the others: it never waits for one, bounds what each may
 * send and leave unread, and when there are too many, the one that has been silent the longest is
 * disconnected for the newest.
 */
public final class ControlServer implements AutoCloseable {
  /**
   * What clients may take.
   *
   * @param maxClients how many may be connected, 1 or more
   * @param maxLineBytes how long a line may be, without its end
   */
  public record Limits(int maxClients, int maxLineBytes) {
    /** Room for every tool of a host, in 10 MB at the very worst. */
    public static final Limits DEFAULT = new Limits(128, 65_536);
  }

  private static final Logger LOG = System.getLogger(ControlServer.class.getName());
  private static final int READ_BYTES = 8192;
  private static final int ACCEPT_PAUSE_MILLIS = 100;
  private static final int RETIRE_PAUSE_MILLIS = 5;

  private final SocketFile file;
  private final Dispatcher methods;
  private final Limits limits;
  private final UnixServerSocketChannel listener;
  private final Selector selector;
  private final SelectionKey listenerKey;
  private final Set<Connection> connections = new LinkedHashSet<>();
  private final ByteBuffer scratch = ByteBuffer.allocate(READ_BYTES);
  private final Thread thread;
  private volatile boolean isClosing;
  private volatile boolean isRetiring;
  private volatile long retireNanos;

  private ControlServer(
      SocketFile file,
      Dispatcher methods,
      Limits limits,
      UnixServerSocketChannel listener,
      Selector selector)
      throws IOException {
    this.file = file;
    this.methods = methods;
    this.limits = limits;
    this.listener = listener;
    this.selector = selector;
    this.listenerKey = listener.register(selector, SelectionKey.OP_ACCEPT);
    this.thread = Thread.ofPlatform().name("control").daemon().unstarted(this::run);
  }

  /**
   * Starts with the default limits.
   *
   * @see #start(Path, Dispatcher, Limits)
   */
  public static ControlServer start(Path socket, Dispatcher methods) {
    return start(socket, methods, Limits.DEFAULT);
  }

  /**
   * Binds and serves. When it returns, clients can connect: those that may are the directory's
   * group.
   *
   * @param socket where; its directory exists
   * @throws ControlException if another server listens there, or the socket cannot be made
   */
  public static ControlServer start(Path socket, Dispatcher methods, Limits limits) {
    ControlServer server = bind(SocketFile.prepare(socket), methods, limits);
    server.thread.start();
    return server;
  }

  /**
   * Binds where no client looks, beside another server's socket. Nobody is served before {@link
   * #takePlace}.
   *
   * @param socket where the other listens
   * @throws ControlException if the socket cannot be made
   */
  public static ControlServer standBy(Path socket, Dispatcher methods) {
    return bind(SocketFile.beside(socket), methods, Limits.DEFAULT);
  }

  private static ControlServer bind(SocketFile file, Dispatcher methods, Limits limits) {
    UnixServerSocketChannel listener = null;
    Selector selector = null;
    try {
      listener = UnixServerSocketChannel.open();
      listener.configureBlocking(false);
      listener.socket().bind(new UnixSocketAddress(new File(file.path().toString())), 128);
      selector = NativeSelectorProvider.getInstance().openSelector();
      file.open();
      return new ControlServer(file, methods, limits, listener, selector);
    } catch (IOException e) {
      closeQuietly(selector);
      closeQuietly(listener);
      file.remove();
      throw new ControlException("cannot listen on " + file.path() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Serves from now on, in the place of the server that is there: who connects finds the one or the
   * other at any time.
   *
   * @param socket where clients look
   * @throws ControlException if the socket's file cannot be renamed; it is served all the same
   */
  public void takePlace(Path socket) {
    thread.start();
    try {
      file.takePlace(socket);
    } catch (IOException e) {
      throw new ControlException("cannot rename " + file.path() + " to " + socket + ": " + e, e);
    }
  }

  /**
   * Closes, but first serves those who found the socket before another server took its place.
   *
   * @param patience how long, if they do not hang up before
   */
  public void retire(Duration patience) {
    retireNanos = System.nanoTime() + patience.toNanos();
    isRetiring = true;
    selector.wakeup();
    awaitEnd();
  }

  /** Answers what has been read, disconnects everybody and removes the socket. */
  @Override
  public void close() {
    isClosing = true;
    if (thread.getState() == Thread.State.NEW) {
      end(); // It stood by, and nobody knew it.
      return;
    }
    selector.wakeup();
    awaitEnd();
  }

  private void awaitEnd() {
    if (Thread.currentThread() != thread) {
      Threads.awaitEnd(thread);
    }
  }

  private void run() {
    try {
      while (!isClosing) {
        int count = selector.select(pauseMillis());
        if (isRetiring && hasRetired(count)) {
          break;
        }
        listenerKey.interestOps(SelectionKey.OP_ACCEPT);
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
          SelectionKey key = ready.next();
          ready.remove();
          if (key == listenerKey) {
            accept();
          } else if (key.isValid()) {
            serve((Connection) key.attachment());
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, "control: the socket is served no more", e);
    } finally {
      end();
    }
  }

  private int pauseMillis() {
    if (isRetiring) {
      return RETIRE_PAUSE_MILLIS;
    }
    return listenerKey.interestOps() == 0 ? ACCEPT_PAUSE_MILLIS : 0;
  }

  /** Nobody waits to be accepted or answered, or they had their time. */
  private boolean hasRetired(int ready) {
    return ready == 0 && connections.isEmpty() || System.nanoTime() - retireNanos >= 0;
  }

  private void end() {
    // The name goes first: who finds it can still connect.
    file.remove();
    connections.forEach(Connection::close);
    closeQuietly(listener);
    closeQuietly(selector);
  }

  private void accept() {
    try {
      UnixSocketChannel channel = listener.accept();
      if (channel == null) {
        return;
      }
      if (connections.size() >= limits.maxClients()) {
        connections.stream()
            .min(Comparator.comparingLong(each -> each.lastHeard() - System.nanoTime()))
            .ifPresent(this::drop);
      }
      try {
        channel.configureBlocking(false);
        Credentials peer = channel.getOption(UnixSocketOptions.SO_PEERCRED);
        Caller caller = new Caller(peer.getUid(), peer.getGid(), peer.getPid());
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        Connection connection =
            new Connection(channel, key, caller, methods, limits.maxLineBytes());
        key.attach(connection);
        connections.add(connection);
      } catch (IOException e) {
        closeQuietly(channel);
      }
    } catch (IOException e) {
      // No descriptor is left, say. Asking again at once would keep a processor busy.
      LOG.log(Level.WARNING, "control: cannot accept a client: " + e.getMessage());
      listenerKey.interestOps(0);
    }
  }

  private void serve(Connection connection) {
    try {
      connection.serve(scratch.clear());
      if (!connection.isOpen()) {
        connections.remove(connection);
      }
    } catch (IOException gone) {
      drop(connection);
    }
  }

  private void drop(Connection connection) {
    connections.remove(connection);
    connection.close();
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      if (closeable != null) {
        closeable.close();
      }
    } catch (Exception e) {
      LOG.log(Level.DEBUG, "control: closing failed: " + e);
    }
  }
}
