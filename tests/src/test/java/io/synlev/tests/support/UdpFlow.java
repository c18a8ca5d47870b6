package io.synlev.tests.support;

import io.synlev.ffi.Namespaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** One client's socket to the test peer at the VIP: all it sends is of one flow. */
public final class UdpFlow implements AutoCloseable {
  private static final int DEADLINE_MILLIS = 10_000;

  private final DatagramSocket socket;

  private UdpFlow(DatagramSocket socket) {
    this.socket = socket;
  }

  /** Opens one on the client's node, with any port of one of its addresses. */
  public static UdpFlow open(Lab lab, Family family, String source) {
    FutureTask<DatagramSocket> opening =
        new FutureTask<>(
            () -> {
              Namespaces.enterNetwork(lab.namespace(Lab.CLIENT));
              DatagramSocket opened =
                  new DatagramSocket(new InetSocketAddress(InetAddress.getByName(source), 0));
              opened.connect(InetAddress.getByName(family.vip()), Servers.PORT);
              opened.setSoTimeout(DEADLINE_MILLIS);
              return opened;
            });
    Thread.ofPlatform().start(opening);
    try {
      return new UdpFlow(opening.get());
    } catch (ExecutionException e) {
      throw new AssertionError("cannot open a socket on the client", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Sets how long to wait for an answer from now on, instead of 10 s. */
  public void patience(int millis) {
    try {
      socket.setSoTimeout(millis);
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Sends a datagram and waits for its answer.
   *
   * @param bytes its length; what does not fit the link the kernel sends in fragments
   * @return the server that answered
   */
  public String ask(int bytes) {
    try {
      socket.send(new DatagramPacket(new byte[bytes], bytes));
      DatagramPacket answer = new DatagramPacket(new byte[16], 16);
      socket.receive(answer);
      String text = new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
      return text.substring(0, text.indexOf(' '));
    } catch (IOException e) {
      throw new UncheckedIOException("a datagram of " + bytes + " bytes was not answered", e);
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
