package io.synlev.tests.support;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One HTTP connection whose steps the test takes one by one: connect, ask, receive. It stays open
 * until it is closed, so the server's kernel can be asked about it at any time.
 */
public final class Download implements AutoCloseable {
  private static final Pattern SEGMENT = Pattern.compile(" mss:(\\d+)");
  private static final Pattern BACKOFF = Pattern.compile(" backoff:(\\d+)");

  private final Lab lab;
  private final String source;
  private final Path request;
  private final Path answer;
  private final RunningCommand socat;
  private final String server;
  private OutputStream asking;

  private Download(Lab lab, Family family, String source, Path scratch) {
    this.lab = lab;
    this.source = family == Family.IPV4 ? source : "[" + source + "]";
    request = scratch.resolve("request");
    answer = scratch.resolve("answer");
    Commands.run(List.of("mkfifo", request.toString())).orFail();
    String type = family == Family.IPV4 ? "TCP4" : "TCP6";
    // The second address is opened when the first is connected, and waits for the request.
    socat =
        lab.start(
            Lab.CLIENT,
            "socat",
            "-t60",
            type + ":" + family.endpoint(family.vip(), 80) + ",bind=" + this.source,
            "OPEN:" + request + ",rdonly!!CREATE:" + answer);
    Await.until("a server has accepted", () -> acceptedBy() != null);
    server = acceptedBy();
  }

  /**
   * Connects to nginx at the VIP.
   *
   * @param source one of the client's addresses
   * @param scratch an existing directory of the download's own
   */
  public static Download connect(Lab lab, Family family, String source, Path scratch) {
    return new Download(lab, family, source, scratch);
  }

  private String acceptedBy() {
    return lab.servers().stream().filter(node -> !socket(node).isBlank()).findFirst().orElse(null);
  }

  /** What ss says of the server's end of the connection. */
  private String socket(String node) {
    return lab.run(node, "ss", "-tinHO", "state", "established", "sport", "= :80", "dst", source)
        .orFail()
        .out();
  }

  /** The server that accepted. */
  public String server() {
    return server;
  }

  /** The client's end, and the VIP's, as {@code SOURCE DESTINATION}. */
  public String flow(Family family) {
    String peer = socket(server).strip().split(" +")[3];
    return peer + " " + family.endpoint(family.vip(), 80);
  }

  /** Asks for {@link Servers#LARGE} bytes. */
  public void ask() {
    try {
      // Stays open: a server that sees the end of the requests does not finish its answer.
      asking = Files.newOutputStream(request);
      asking.write("GET /large HTTP/1.1\r\nHost: lab\r\n\r\n".getBytes(US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until everything has come. */
  public void complete() {
    Await.until("the download is complete", () -> received() > Servers.LARGE);
  }

  /** Bytes that have come so far, headers of the answer included. */
  public long received() {
    try {
      return Files.exists(answer) ? Files.size(answer) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The largest payload that the server puts into a segment now, in bytes. */
  public int segmentSize() {
    return number(SEGMENT);
  }

  /** How often in a row the server's retransmission timer has expired. */
  public int timeouts() {
    return number(BACKOFF);
  }

  private int number(Pattern pattern) {
    Matcher matcher = pattern.matcher(socket(server));
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  @Override
  public void close() {
    socat.close();
    try {
      if (asking != null) {
        asking.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
