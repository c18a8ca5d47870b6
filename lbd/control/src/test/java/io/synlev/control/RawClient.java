package io.synlev.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Sends what a well-behaved client would not. */
final class RawClient implements AutoCloseable {
  final SocketChannel channel;
  private final BufferedReader reader;

  RawClient(Path socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  RawClient send(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    return this;
  }

  /** The next line, or null when the server has hung up. */
  String line() throws IOException {
    return reader.readLine();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
