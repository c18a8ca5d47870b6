package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real servers on the loopback interface, good and bad ones. */
@Timeout(60)
class ProbesTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall well";

  @TempDir Path temporary;
  private Bed bed;

  private Bed bed() {
    bed = Bed.of(temporary, 1);
    return bed;
  }

  @AfterEach
  void close() {
    if (bed != null) {
      bed.close();
    }
  }

  @Test
  void shouldConnect() throws IOException {
    try (Peer peer = Peer.tcp(Socket::getInputStream)) {
      bed().check("kind", "tcp", "port", peer.port()).awaitOutcome(Outcome.OK);
      assertTrue((int) bed.report("b1").get("latencyMicros") >= 0);
    }
  }

  @Test
  void shouldConnectByIpv6() throws IOException {
    try (Peer peer =
        Peer.tcp("::1", javax.net.ServerSocketFactory.getDefault(), Socket::getInputStream)) {
      bed = Bed.ofIpv6(temporary);
      bed.check("kind", "tcp", "port", peer.port()).awaitOutcome(Outcome.OK);
    }
  }

  @Test
  void shouldTellAClosedPort() throws IOException {
    String port = Peer.closedPort();
    bed().check("kind", "tcp", "port", port).awaitOutcome(Outcome.REFUSED);
    bed.check("kind", "http", "port", port).awaitOutcome(Outcome.REFUSED);
    bed.check("kind", "https", "port", port).awaitOutcome(Outcome.REFUSED);
    bed.check("kind", "udp", "port", port, "request", "x").awaitOutcome(Outcome.REFUSED);
  }

  /** A reset may arrive before the request is sent, or after. */
  @Test
  void shouldTellAReset() throws IOException {
    try (Peer peer =
        Peer.tcp(
            client -> {
              Peer.readRequest(client);
              client.setSoLinger(true, 0);
            })) {
      bed().check("kind", "http", "port", peer.port()).awaitOutcome(Outcome.RESET);
    }
  }

  @Test
  void shouldTellSilence() throws IOException {
    CountingPeer silent = new CountingPeer();
    try (Peer peer = Peer.tcp(silent::sleep)) {
      silent.peer = peer;
      bed().check("kind", "http", "port", peer.port(), "timeout", "50ms");
      bed.awaitOutcome(Outcome.TIMEOUT);
      bed.check("kind", "https", "port", peer.port(), "timeout", "50ms");
      bed.awaitOutcome(Outcome.TIMEOUT);
    }
    try (Peer peer = Peer.udp(null)) {
      bed.check("kind", "udp", "port", peer.port(), "request", "x", "timeout", "50ms");
      bed.awaitOutcome(Outcome.TIMEOUT);
    }
  }

  /** Its manner needs the peer itself. */
  private static final class CountingPeer {
    private volatile Peer peer;

    void sleep(Socket client) throws InterruptedException {
      while (peer == null) {
        Thread.onSpinWait();
      }
      peer.sleep();
    }
  }

  /** It goes on saying something, and never comes to an end. */
  @Test
  void shouldNotBeHeldUpByATrickle() throws IOException {
    try (Peer peer =
        Peer.tcp(
            client -> {
              Peer.readRequest(client);
              while (true) {
                Peer.write(client, "H");
                Thread.sleep(5);
              }
            })) {
      bed().check("kind", "http", "port", peer.port(), "timeout", "100ms");
      bed.awaitOutcome(Outcome.TIMEOUT);
    }
  }

  @Test
  void shouldReadStatusAndBody() throws IOException {
    AtomicReference<String> request = new AtomicReference<>();
    try (Peer peer =
        Peer.tcp(
            client -> {
              request.set(Peer.readRequest(client));
              Peer.write(client, OK);
            })) {
      String[] all = {"kind", "http", "port", peer.port(), "path", "/up?a=b", "host", "site"};
      bed().check(all).awaitOutcome(Outcome.OK);
      assertEquals(200, bed.report("b1").get("detail"));
      assertTrue(request.get().startsWith("GET /up?a=b HTTP/1.1\r\nHost: site\r\n"), request.get());
      bed.check("kind", "http", "port", peer.port(), "body", "all well").awaitOutcome(Outcome.OK);
      bed.check("kind", "http", "port", peer.port(), "body", "all ill");
      bed.awaitOutcome(Outcome.WRONG_ANSWER);
      bed.check("kind", "http", "port", peer.port(), "status", "201-204,500");
      bed.awaitOutcome(Outcome.WRONG_STATUS);
      assertTrue(request.get().contains("\r\nHost: 127.0.0.1:" + peer.port() + "\r\n"));
    }
  }

  @Test
  void shouldTellATruncatedAnswer() throws IOException {
    try (Peer peer = Peer.tcp(Peer.answering("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall"))) {
      bed().check("kind", "http", "port", peer.port()).awaitOutcome(Outcome.OK);
      bed.check("kind", "http", "port", peer.port(), "body", "well").awaitOutcome(Outcome.CLOSED);
    }
    try (Peer peer = Peer.tcp(Peer.answering("HTTP/1.1 2"))) {
      bed.check("kind", "http", "port", peer.port()).awaitOutcome(Outcome.CLOSED);
    }
  }

  @Test
  void shouldTellAnAnswerThatIsTooLargeOrNoHttp() throws IOException {
    String large = "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(10 << 20);
    try (Peer peer = Peer.tcp(Peer.answering(large))) {
      bed().check("kind", "http", "port", peer.port(), "body", "well");
      bed.awaitOutcome(Outcome.TOO_LARGE);
    }
    try (Peer peer = Peer.tcp(Peer.answering("SSH-2.0-OpenSSH_9.2\r\n"))) {
      bed.check("kind", "http", "port", peer.port()).awaitOutcome(Outcome.MALFORMED);
    }
  }

  @Test
  void shouldSendADatagramAndLookAtTheAnswer() throws IOException {
    try (Peer peer = Peer.udp("all well".getBytes(StandardCharsets.US_ASCII))) {
      bed().check("kind", "udp", "port", peer.port(), "request", "?").awaitOutcome(Outcome.OK);
      bed.check("kind", "udp", "port", peer.port(), "request", "?", "response", "hex:77656c6c");
      bed.awaitOutcome(Outcome.OK);
      bed.check("kind", "udp", "port", peer.port(), "request", "?", "response", "ill");
      bed.awaitOutcome(Outcome.WRONG_ANSWER);
    }
    try (Peer peer = Peer.udp(new byte[0])) {
      bed.check("kind", "udp", "port", peer.port(), "request", "hex:").awaitOutcome(Outcome.OK);
    }
  }

  @Test
  void shouldPing() {
    bed().check("kind", "icmp").awaitOutcome(Outcome.OK);
    bed.awaitChecks(10);
    assertEquals(0, bed.count(Counter.BAD));
  }

  @Test
  void shouldPingByIpv6() {
    bed = Bed.ofIpv6(temporary);
    bed.check("kind", "icmp").awaitOutcome(Outcome.OK);
    bed.awaitChecks(10);
    assertEquals(0, bed.count(Counter.BAD));
  }
}
