package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ServerSocketFactory;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with a certificate that it signed itself, and servers that cannot do TLS. */
@Timeout(60)
class TlsProbeTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n\r\nall well, and more of it";
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path temporary;
  private Bed bed;

  @BeforeEach
  void create() {
    bed = Bed.of(temporary, 1);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private ServerSocketFactory withCertificate() throws Exception {
    Path file = temporary.resolve("keys");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=site.example",
                    "-ext",
                    "SAN=dns:site.example",
                    "-storepass",
                    new String(PASSWORD),
                    "-keystore",
                    file.toString()))
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes());
    assertEquals(0, keytool.waitFor(), said);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context.getServerSocketFactory();
  }

  private String[] https(Peer peer, String... more) {
    String[] all = new String[more.length + 4];
    System.arraycopy(new String[] {"kind", "https", "port", peer.port()}, 0, all, 0, 4);
    System.arraycopy(more, 0, all, 4, more.length);
    return all;
  }

  @Test
  void shouldAskThroughTls() throws Exception {
    AtomicReference<String> name = new AtomicReference<>();
    try (Peer peer =
        Peer.tcp(
            "127.0.0.1",
            withCertificate(),
            client -> {
              Peer.readRequest(client);
              name.set(requestedName(client));
              Peer.write(client, OK);
            })) {
      bed.check(https(peer)).awaitOutcome(Outcome.OK);
      assertEquals(200, bed.report("b1").get("detail"));
      bed.check(https(peer, "body", "more of it", "tls-name", "site.example"));
      Bed.await(() -> "site.example".equals(name.get()), () -> "SNI is " + name.get());
      bed.awaitOutcome(Outcome.OK);
      bed.check(https(peer, "body", "less of it")).awaitOutcome(Outcome.WRONG_ANSWER);
      bed.check(https(peer, "tls-name", "site.example", "tls-verify", "true"));
      bed.awaitOutcome(Outcome.TLS);
    }
  }

  private static String requestedName(Socket client) {
    ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) client).getSession();
    return session.getRequestedServerNames().isEmpty()
        ? ""
        : new String(session.getRequestedServerNames().getFirst().getEncoded());
  }

  @Test
  void shouldTellAServerThatCannotDoTls() throws IOException {
    try (Peer peer =
        Peer.tcp(
            client -> {
              client.getInputStream().read();
              Peer.write(client, "HTTP/1.1 400 Bad Request\r\n\r\n");
            })) {
      bed.check(https(peer)).awaitOutcome(Outcome.TLS);
    }
    try (Peer peer = Peer.tcp(client -> client.getInputStream().read())) {
      Bed.await(
          () -> {
            bed.check(https(peer));
            bed.awaitChecks(3);
            String last = (String) bed.report("b1").get("last");
            // Closed with unread bytes it resets; the end may also come first.
            return last.equals("tls") || last.equals("reset");
          },
          () -> "not " + bed.report("b1"));
    }
  }
}
