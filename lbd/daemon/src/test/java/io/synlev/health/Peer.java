package io.synlev.health;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.ServerSocketFactory;

/** A server that behaves, or misbehaves, as a test wants. */
final class Peer implements AutoCloseable {
  private final AutoCloseable socket;
  private final int port;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  /** What it does with a connection; it is closed afterwards. */
  interface Manner {
    void serve(Socket client) throws IOException, InterruptedException;
  }

  private Peer(AutoCloseable socket, int port) {
    this.socket = socket;
    this.port = port;
  }

  static Peer tcp(Manner manner) throws IOException {
    return tcp("127.0.0.1", ServerSocketFactory.getDefault(), manner);
  }

  static Peer tcp(String address, ServerSocketFactory factory, Manner manner) throws IOException {
    return tcp(address, 0, factory, manner);
  }

  static Peer tcp(String address, int port, ServerSocketFactory factory, Manner manner)
      throws IOException {
    ServerSocket server = factory.createServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    Peer peer = new Peer(server, server.getLocalPort());
    Thread.ofVirtual().start(() -> peer.accept(server, manner));
    return peer;
  }

  private void accept(ServerSocket server, Manner manner) {
    try {
      while (true) {
        Socket client = server.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client, manner));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket client, Manner manner) {
    try (client) {
      manner.serve(client);
    } catch (IOException | InterruptedException gone) {
      // The check has its answer.
    }
  }

  /** Answers each datagram with the same, or not at all if it is null. */
  static Peer udp(byte[] answer) throws IOException {
    DatagramSocket server = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
                while (true) {
                  server.receive(packet);
                  if (answer != null) {
                    server.send(
                        new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                  }
                }
              } catch (IOException closed) {
                // The test is over.
              }
            });
    return new Peer(server, server.getLocalPort());
  }

  /** Reads the whole head of a request. */
  static String readRequest(Socket client) throws IOException {
    StringBuilder request = new StringBuilder();
    while (request.indexOf("\r\n\r\n") < 0) {
      int next = client.getInputStream().read();
      if (next < 0) {
        throw new IOException("the check ended");
      }
      request.append((char) next);
    }
    return request.toString();
  }

  static void write(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    client.getOutputStream().flush();
  }

  /** Answers a request with a text and closes. */
  static Manner answering(String text) {
    return client -> {
      readRequest(client);
      write(client, text);
    };
  }

  /** Takes connections and says nothing until the test is over. */
  void sleep() throws InterruptedException {
    closing.await();
  }

  String port() {
    return Integer.toString(port);
  }

  /** A port at which nobody listens. */
  static String closedPort() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return Integer.toString(server.getLocalPort());
    }
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      socket.close();
      for (Socket each : open) {
        each.close();
      }
    } catch (Exception e) {
      throw new UncheckedIOException(e instanceof IOException io ? io : new IOException(e));
    }
  }
}
