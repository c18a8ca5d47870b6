package io.synlev.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlServerTest {
  private static final String PING =
      """
      {"jsonrpc":"2.0","method":"ping","id":%d}
      """;
  private static final String PONG =
      """
      {"jsonrpc":"2.0","id":%d,"result":"pong"}""";

  @TempDir Path directory;
  private Path socket;
  private ControlServer server;

  private final Dispatcher methods =
      new Dispatcher()
          .query("ping", (caller, params) -> "pong")
          .query("caller", (caller, params) -> List.of(caller.uid(), caller.pid()))
          .query("much", (caller, params) -> "x".repeat(1 << 20));

  @BeforeEach
  void start() {
    socket = directory.resolve("control.sock");
    server = ControlServer.start(socket, methods, new ControlServer.Limits(100, 10_000));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void assertServes() throws IOException {
    try (RawClient client = new RawClient(socket)) {
      assertEquals(PONG.formatted(9), client.send(PING.formatted(9)).line());
    }
  }

  @Test
  void shouldTellWhoCalls() throws IOException {
    try (RawClient client = new RawClient(socket)) {
      Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      client.send("{\"jsonrpc\":\"2.0\",\"method\":\"caller\",\"id\":1}\n");
      assertEquals(
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[%s,%d]}"
              .formatted(uid, ProcessHandle.current().pid()),
          client.line());
    }
  }

  @Test
  void shouldAnswerMalformedLinesAndReadOn() throws IOException {
    try (RawClient client = new RawClient(socket)) {
      client.send("{\"jsonrpc\n\n \n\0\n" + PING.formatted(1));
      assertTrue(client.line().contains("-32700"));
      assertTrue(client.line().contains("-32700"));
      assertEquals(PONG.formatted(1), client.line());
      client.channel.write(ByteBuffer.wrap(new byte[] {'"', (byte) 0xfe, '"', '\n'}));
      assertTrue(client.line().contains("UTF-8"));
      assertEquals(PONG.formatted(2), client.send(PING.formatted(2)).line());
    }
  }

  @Test
  void shouldAnswerPipelinedRequestsInTheirOrder() throws IOException {
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      requests.append(PING.formatted(i));
    }
    try (RawClient client = new RawClient(socket)) {
      client.send(requests.toString());
      for (int i = 0; i < 1000; i++) {
        assertEquals(PONG.formatted(i), client.line());
      }
    }
  }

  @Test
  void shouldWaitForTheRestOfALine() throws IOException {
    try (RawClient half = new RawClient(socket)) {
      String request = PING.formatted(5);
      half.send(request.substring(0, 10));
      assertServes();
      assertEquals(PONG.formatted(5), half.send(request.substring(10)).line());
    }
  }

  @Test
  void shouldHangUpOnALineThatIsTooLongAfterSayingSo() throws IOException {
    try (RawClient client = new RawClient(socket)) {
      client.send(PING.formatted(1));
      assertEquals(PONG.formatted(1), client.line());
      client.send("x".repeat(10_001));
      assertTrue(client.line().contains("10000 bytes"));
      assertHungUp(client);
    }
    assertServes();
  }

  @Test
  void shouldAnswerWhoSendsNothingMoreAndDropWhatIsUnfinished() throws IOException {
    try (RawClient client = new RawClient(socket)) {
      client.send(PING.formatted(1) + PING.formatted(2).trim());
      client.channel.shutdownOutput();
      assertEquals(PONG.formatted(1), client.line());
      assertNull(client.line());
    }
  }

  @Test
  void shouldServeAHundredClientsAtOnce() throws IOException {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        clients.add(new RawClient(socket));
      }
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < clients.size(); i++) {
          clients.get(i).send(PING.formatted(i));
        }
        for (int i = 0; i < clients.size(); i++) {
          assertEquals(PONG.formatted(i), clients.get(i).line());
        }
      }
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void shouldDisconnectTheOneThatWasSilentLongestWhenThereAreTooMany() throws IOException {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        RawClient client = new RawClient(socket);
        clients.add(client);
        assertEquals(PONG.formatted(i), client.send(PING.formatted(i)).line());
      }
      assertEquals(PONG.formatted(7), clients.get(0).send(PING.formatted(7)).line());
      assertServes();
      assertNull(clients.get(1).line());
      assertEquals(PONG.formatted(8), clients.get(0).send(PING.formatted(8)).line());
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void shouldServeOthersWhileOneDoesNotReadItsAnswers() throws IOException {
    String much = "{\"jsonrpc\":\"2.0\",\"method\":\"much\",\"id\":1}\n";
    try (RawClient greedy = new RawClient(socket)) {
      greedy.send(much.repeat(50));
      assertServes();
      for (int i = 0; i < 50; i++) {
        assertEquals((1 << 20) + 36, greedy.line().length());
      }
    }
  }

  @Test
  void shouldSurviveClientsThatVanish() throws IOException {
    String much = "{\"jsonrpc\":\"2.0\",\"method\":\"much\",\"id\":1}\n";
    for (int i = 0; i < 300; i++) {
      try (RawClient client = new RawClient(socket)) {
        client.send(i % 3 == 0 ? "" : i % 3 == 1 ? "{\"half" : much);
      }
    }
    assertServes();
  }

  @Test
  void shouldLetOnlyOwnerAndGroupConnect() throws IOException {
    assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
  }

  @Test
  void shouldLeaveNothingBehind() throws IOException {
    try (RawClient client = new RawClient(socket)) {
      assertEquals(PONG.formatted(1), client.send(PING.formatted(1)).line());
      server.close();
      assertHungUp(client);
    }
    assertFalse(Files.exists(socket));
    server.close();
  }

  @Test
  void shouldRefuseASecondServerAndLeaveTheFirstAlone() throws IOException {
    ControlException e =
        assertThrows(ControlException.class, () -> ControlServer.start(socket, methods));
    assertTrue(e.getMessage().contains("listens on " + socket + " already"), e.getMessage());
    assertServes();
  }

  @Test
  void shouldTakeOverASocketWhoseServerWasKilled() throws IOException {
    server.close();
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(socket));
    }
    assertTrue(Files.exists(socket));
    server = ControlServer.start(socket, methods);
    assertServes();
  }

  @Test
  void shouldRemoveWhatKilledSuccessorsHaveLeft() throws Exception {
    server.close();
    long own = ProcessHandle.current().pid();
    // No process has a number beyond 2^22; proc(5), pid_max.
    for (String left : List.of(".4194999", ".takeover.4194999", "." + own, ".takeover." + own)) {
      listen(left).close();
    }
    listen(".1").close(); // its process is there, and may be about to listen
    listen(".x").close();
    Files.createFile(beside(".4194997"));
    try (ServerSocketChannel live = listen(".4194998")) {
      server = ControlServer.start(socket, methods);
      assertTrue(live.isOpen());
      assertEquals(
          Set.of("", ".1", ".x", ".4194997", ".4194998"),
          Set.of(directory.toFile().list()).stream()
              .map(name -> name.substring("control.sock".length()))
              .collect(Collectors.toSet()));
    }
    assertServes();
  }

  private Path beside(String ending) {
    return directory.resolve("control.sock" + ending);
  }

  private ServerSocketChannel listen(String ending) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return channel.bind(UnixDomainSocketAddress.of(beside(ending)));
  }

  @Test
  void shouldRefuseToReplaceWhatIsNoSocket() throws IOException {
    server.close();
    Files.writeString(socket, "precious");
    ControlException e =
        assertThrows(ControlException.class, () -> ControlServer.start(socket, methods));
    assertTrue(e.getMessage().contains("is not a socket"), e.getMessage());
    assertEquals("precious", Files.readString(socket));
  }

  @Test
  void shouldNotRemoveASocketThatAnotherServerPutInPlace() throws IOException {
    Files.delete(socket);
    try (ControlServer _ = ControlServer.start(socket, methods)) {
      server.close();
      assertServes();
      assertTrue(Files.exists(socket));
    }
  }

  @Test
  void shouldSayWhenThePathIsTooLong() {
    Path tooLong = directory.resolve("d".repeat(107));
    ControlException e =
        assertThrows(ControlException.class, () -> ControlServer.start(tooLong, methods));
    assertTrue(e.getMessage().contains("107"), e.getMessage());
    assertTrue(e.getMessage().contains("shorter --state-dir"), e.getMessage());
  }

  @Test
  void shouldSayWhenTheDirectoryIsMissing() {
    Path missing = directory.resolve("missing/control.sock");
    ControlException e =
        assertThrows(ControlException.class, () -> ControlServer.start(missing, methods));
    assertTrue(e.getMessage().startsWith("cannot listen on " + missing), e.getMessage());
  }

  /** Unread bytes turn the end of a connection into a reset. */
  private static void assertHungUp(RawClient client) {
    String line;
    try {
      line = client.line();
    } catch (IOException reset) {
      line = null;
    }
    assertNull(line);
  }
}
