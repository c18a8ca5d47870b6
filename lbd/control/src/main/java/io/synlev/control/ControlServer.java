package io.synlev.control;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
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
    SocketFile file = SocketFile.prepare(socket);
    UnixServerSocketChannel listener = null;
    Selector selector = null;
    try {
      listener = UnixServerSocketChannel.open();
      listener.configureBlocking(false);
      listener.socket().bind(new UnixSocketAddress(new File(socket.toString())), 128);
      selector = NativeSelectorProvider.getInstance().openSelector();
      file.open();
      ControlServer server = new ControlServer(file, methods, limits, listener, selector);
      server.thread.start();
      return server;
    } catch (IOException e) {
      closeQuietly(selector);
      closeQuietly(listener);
      file.remove();
      throw new ControlException("cannot listen on " + socket + ": " + e.getMessage(), e);
    }
  }

  /** Answers what has been read, disconnects everybody and removes the socket. */
  @Override
  public void close() {
    isClosing = true;
    selector.wakeup();
    boolean isInterrupted = false;
    while (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!isClosing) {
        selector.select(listenerKey.interestOps() == 0 ? ACCEPT_PAUSE_MILLIS : 0);
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
      // The name goes first: who finds it can still connect.
      file.remove();
      connections.forEach(Connection::close);
      closeQuietly(listener);
      closeQuietly(selector);
    }
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
