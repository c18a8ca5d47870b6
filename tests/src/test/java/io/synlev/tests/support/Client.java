package io.synlev.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the clients of a lab do, all from the client's node. */
public final class Client {
  private static final Pattern ANSWER = Pattern.compile("(s\\d+)\\n(\\S+) (\\d+) 200\\n");

  private static final Pattern PING = Pattern.compile("bytes from .*icmp_seq=(\\d+)");

  private final Lab lab;
  private final Family family;

  /** The clients of one family. */
  public Client(Lab lab, Family family) {
    this.lab = lab;
    this.family = family;
  }

  /**
   * An HTTP answer, and the client's end of its connection.
   *
   * @param server who answered
   */
  public record HttpAnswer(String server, String source, int port) {}

  /** Asks the VIP over HTTP, each time from another address and on a connection of its own. */
  public List<HttpAnswer> http(int count) {
    Path requests = scratchFile();
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= count; i++) {
      text.append(i == 1 ? "" : "next\n")
          .append("url = \"http://")
          .append(family.endpoint(family.vip(), 80))
          .append("/\"\n");
      text.append("interface = \"").append(family.source(i)).append("\"\n");
      text.append("write-out = \"%{local_ip} %{local_port} %{http_code}\\n\"\n");
      text.append("max-time = 20\ngloboff\n");
    }
    try {
      Files.writeString(requests, text);
      String out =
          lab.run(Lab.CLIENT, "curl", "-sS", "--config", requests.toString()).orFail().out();
      List<HttpAnswer> answers = new ArrayList<>();
      Matcher matcher = ANSWER.matcher(out);
      while (matcher.find()) {
        answers.add(
            new HttpAnswer(matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3))));
      }
      return answers;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      requests.toFile().delete();
    }
  }

  /** Starts connections to the test peer: connect, ask, close, over and over. */
  public RunningCommand startTcp(String... options) {
    return start("tcpload", options);
  }

  /** As {@link #startTcp}, to the end. */
  public Json tcp(String... options) {
    return end(startTcp(options));
  }

  /** Starts sending datagrams to the VIP. */
  public RunningCommand startUdp(String... options) {
    return start("udpload", options);
  }

  /** As {@link #startUdp}, to the end. */
  public Json udp(String... options) {
    return end(startUdp(options));
  }

  /** Sends datagrams to the VIP in fragments of its own making, to the end. */
  public Json fragments(String... options) {
    return end(startFragments(options));
  }

  /** As {@link #fragments}, without waiting. */
  public RunningCommand startFragments(String... options) {
    return start("fragload", options);
  }

  /** Opens connections, which then ask again and again; waits until each was answered once. */
  public RunningCommand hold(int connections, String... options) {
    List<String> all = new ArrayList<>(List.of("--hold", "" + connections));
    all.addAll(List.of(options));
    RunningCommand holder = startTcp(all.toArray(String[]::new));
    Await.until("connections established", () -> holder.out().contains("established"));
    return holder;
  }

  /**
   * Pings the VIP from one address, as one conversation, until {@code count} answers have come;
   * those that are late make ping send more.
   *
   * @return the sequence numbers that were answered; without loss they are 1 to {@code count}
   */
  public List<Integer> ping(String source, int count, String... options) {
    List<String> command = new ArrayList<>(List.of("ping", "-n", "-i0.01", "-w20", "-c" + count));
    command.addAll(List.of(options));
    command.addAll(List.of("-I" + source, family.vip()));
    return PING.matcher(lab.run(Lab.CLIENT, command.toArray(String[]::new)).out())
        .results()
        .map(answer -> Integer.valueOf(answer.group(1)))
        .toList();
  }

  /** Ends a program that reports at its end. */
  public static Json end(RunningCommand running) {
    try (running) {
      return Json.lastLine(running.waitFor().orFail().out());
    }
  }

  /** Asks a program for its end and report. */
  public static Json stop(RunningCommand running) {
    running.terminate();
    return end(running);
  }

  private RunningCommand start(String program, String... options) {
    List<String> command = new ArrayList<>(List.of(Lab.peer(program)));
    command.addAll(List.of("--from", family.sources()));
    command.addAll(List.of(options));
    command.addAll(List.of(family.vip(), "" + Servers.PORT));
    return lab.start(Lab.CLIENT, command.toArray(String[]::new));
  }

  private static Path scratchFile() {
    try {
      return Files.createTempFile("synlev-test-", ".curl");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
