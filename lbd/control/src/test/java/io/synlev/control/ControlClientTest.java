package io.synlev.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.StateDirectory;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlClientTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path base;
  private StateDirectory directory;

  @BeforeEach
  void createDirectory() throws IOException {
    directory = new StateDirectory(base, "tested");
    Files.createDirectory(directory.path());
  }

  private String failure(Duration timeout) {
    return assertThrows(
            ControlException.class,
            () -> {
              try (ControlClient client = ControlClient.connect(directory, timeout)) {
                client.call("status", Map.of());
              }
            })
        .getMessage();
  }

  private ServerSocketChannel listen(int backlog) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(directory.controlSocket()), backlog);
    return listener;
  }

  @Test
  void shouldPassParametersAndResults() {
    Dispatcher methods = new Dispatcher().query("echo", (caller, params) -> params);
    try (ControlServer _ = ControlServer.start(directory.controlSocket(), methods);
        ControlClient client = ControlClient.connect(directory, LONG)) {
      Map<String, Object> params = Map.of("level", "debug", "n", 7, "long", "ä".repeat(20_000));
      for (int i = 0; i < 10; i++) {
        assertEquals(params, client.call("echo", params));
      }
      assertEquals(Map.of(), ControlClient.ask(directory, "echo", Map.of()));
    }
  }

  @Test
  void shouldThrowWhatTheServerRefused() {
    try (ControlServer _ = ControlServer.start(directory.controlSocket(), new Dispatcher());
        ControlClient client = ControlClient.connect(directory, LONG)) {
      RpcException e = assertThrows(RpcException.class, () -> client.call("no.such", Map.of()));
      assertEquals(RpcError.METHOD_NOT_FOUND, e.code());
    }
  }

  @Test
  void shouldSayHowToStartADaemonThatIsNotRunning() throws IOException {
    String expected =
        "lbd is not running for instance 'tested' (socket %s): start it with: "
                .formatted(directory.controlSocket())
            + "synlev lbd --instance tested --state-dir "
            + base;
    assertEquals(expected, failure(LONG));
    listen(1).close();
    assertTrue(Files.exists(directory.controlSocket()));
    assertEquals(expected, failure(LONG));
  }

  @Test
  void shouldGiveUpOnADaemonThatDoesNotAnswer() throws IOException {
    try (ServerSocketChannel _ = listen(10)) {
      assertTrue(failure(SHORT).startsWith("lbd did not answer 'status' within 50 ms"));
    }
  }

  @Test
  void shouldGiveUpOnADaemonThatDoesNotAccept() throws IOException {
    try (ServerSocketChannel stuck = listen(1)) {
      try (SocketChannel one = SocketChannel.open(stuck.getLocalAddress());
          SocketChannel two = SocketChannel.open(stuck.getLocalAddress())) {
        assertTrue(one.isConnected() && two.isConnected());
        String failure = failure(SHORT);
        assertTrue(failure.startsWith("lbd does not answer on "), failure);
      }
    }
  }

  @Test
  void shouldSayWhenTheDaemonHangsUp() throws Exception {
    try (ServerSocketChannel listener = listen(10)) {
      Thread server = Thread.ofPlatform().start(() -> acceptAndSend(listener, "{\"jsonrpc\""));
      String failure = failure(LONG);
      assertTrue(failure.startsWith("lbd hung up on 'status'"), failure);
      server.join();
    }
  }

  @Test
  void shouldSayWhenSomethingElseAnswers() throws Exception {
    try (ServerSocketChannel listener = listen(10)) {
      Thread server = Thread.ofPlatform().start(() -> acceptAndSend(listener, "220 smtp\r\n"));
      String failure = failure(LONG);
      assertTrue(failure.contains("is not lbd"), failure);
      server.join();
    }
  }

  private static void acceptAndSend(ServerSocketChannel listener, String text) {
    try (SocketChannel client = listener.accept()) {
      client.read(ByteBuffer.allocate(1000));
      client.write(ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
