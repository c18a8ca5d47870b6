package io.synlev.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Programs on all servers of a lab that note every datagram. */
public final class Sinks {
  private static final Duration LATEST = Duration.ofSeconds(20);

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
   * Waits until so many different datagrams have come, then ends them.
   *
   * @param state tells, in the failure, where the others may be
   */
  public Report stopAfter(long distinct, Supplier<String> state) {
    Await.until(
        "datagrams came: " + distinct,
        LATEST,
        () -> new Report(read()).distinct() >= distinct,
        () -> new Report(read()).distinct() + " came; " + state.get());
    return stop();
  }

  /**
   * Ends them.
   *
   * @throws AssertionError if one lost datagrams by itself
   */
  public Report stop() {
    for (RunningCommand sink : running.values()) {
      Json report = Client.stop(sink);
      if (report.number("dropped_here") != 0) {
        throw new AssertionError("the sink's own buffer was too small: " + report);
      }
    }
    return new Report(read());
  }

  /** All complete lines. */
  private List<Datagram> read() {
    List<Datagram> all = new ArrayList<>();
    for (String node : running.keySet()) {
      try {
        String trace = Files.readString(scratch.resolve(node + ".trace"));
        trace
            .substring(0, trace.lastIndexOf('\n') + 1)
            .lines()
            .map(line -> parse(node, line.split(" ")))
            .forEach(all::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return all;
  }

  private static Datagram parse(String node, String[] words) {
    return new Datagram(
        node, Long.parseLong(words[1]), Long.parseLong(words[0]), Long.parseLong(words[2]));
  }
}
