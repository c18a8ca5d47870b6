package io.synlev.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Programs on all servers of a lab that note every datagram. */
public final class Sinks {
  private final Map<String, RunningCommand> running;
  private final Path scratch;

  private Sinks(Map<String, RunningCommand> running, Path scratch) {
    this.running = running;
    this.scratch = scratch;
  }

  /**
   * A datagram that came.
   *
   * @param sentNanos when, on the clock of {@link System#nanoTime}
   */
  public record Datagram(String server, long sentNanos, long receivedNanos, long sequence) {}

  /** All datagrams that came. */
  public record Report(List<Datagram> datagrams) {
    /** How many different ones there are. */
    public long distinct() {
      return datagrams.stream().mapToLong(Datagram::sequence).distinct().count();
    }
  }

  /** Starts one on every server and waits until they listen. */
  public static Sinks start(Lab lab, Path scratch) {
    Map<String, RunningCommand> running = new java.util.LinkedHashMap<>();
    for (String node : lab.servers()) {
      Path trace = scratch.resolve(node + ".trace");
      running.put(node, lab.start(node, Lab.peer("udpsink"), "--trace", trace.toString()));
      Await.until(
          "the sink listens",
          () -> lab.run(node, "ss", "-H", "-lnu").out().contains(":" + Servers.PORT));
    }
    return new Sinks(running, scratch);
  }

  /**
   * Ends them.
   *
   * @throws AssertionError if one lost datagrams by itself
   */
  public Report stop() {
    List<Datagram> all = new ArrayList<>();
    running.forEach(
        (node, sink) -> {
          Json report = Client.stop(sink);
          if (report.number("dropped_here") != 0) {
            throw new AssertionError("the sink's own buffer was too small: " + report);
          }
          try (Stream<String> lines = Files.lines(scratch.resolve(node + ".trace"))) {
            lines.map(line -> parse(node, line.split(" "))).forEach(all::add);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return new Report(all);
  }

  private static Datagram parse(String node, String[] words) {
    return new Datagram(
        node, Long.parseLong(words[1]), Long.parseLong(words[0]), Long.parseLong(words[2]));
  }
}
