package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client.HttpAnswer;
import io.synlev.tests.support.Commands.Result;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.Servers;
import io.synlev.tests.support.TestBed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What explain, trace and capture say, against the servers that real connections reached. */
@ExtendWith(Requirements.class)
class SeeingTest {
  private static final int CONNECTIONS = 60;

  @TempDir Path scratch;
  private TestBed bed;
  private Daemon daemon;

  @BeforeEach
  void start() {
    bed = TestBed.with(ReturnMode.DIRECT, 4);
    Servers.startNginx(bed.lab(), scratch);
    daemon = bed.balancer().daemon("--queue", "2", "--no-service", "accept");
    bed.balancer().install(ReturnMode.DIRECT, Redirect.ALL);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  /** Who answered, by {@code source:port}. */
  private Map<String, String> connect(Family family) {
    List<HttpAnswer> answers = bed.client(family).http(CONNECTIONS);
    assertEquals(CONNECTIONS, answers.size());
    Map<String, String> servers = new TreeMap<>();
    answers.forEach(
        answer -> servers.put(family.endpoint(answer.source(), answer.port()), answer.server()));
    return servers;
  }

  /** Backends by source, of packets that JSON lines tell of. */
  private static Map<String, String> backends(List<Json> packets) {
    Map<String, String> backends = new TreeMap<>();
    for (Json packet : packets) {
      // tcp SOURCE > DESTINATION [FLAGS]
      backends.put(packet.text("packet").split(" ")[1], packet.text("backend"));
    }
    return backends;
  }

  private static List<Json> lines(String out) {
    return out.lines().map(Json::parse).toList();
  }

  private RunningCommand startTracing(String... arguments) {
    RunningCommand running = bed.balancer().startMagctl(arguments);
    Await.until("magctl reads the trace", () -> running.err().contains("Ctrl-C ends it"));
    return running;
  }

  @ParameterizedTest
  @EnumSource
  void shouldExplainWherePacketsReallyGo(Family family) {
    Path file = scratch.resolve("seen.pcap");
    Map<String, String> servers;
    try (RunningCommand tcpdump =
        bed.lab()
            .start(
                Lab.LB,
                "tcpdump",
                "--immediate-mode",
                "-U",
                "-Z",
                "root",
                "-i",
                Lab.CLIENT,
                "-w",
                file.toString(),
                "dst",
                "host",
                family.vip())) {
      Await.until("tcpdump listens", () -> tcpdump.err().contains("listening on"));
      servers = connect(family);
      tcpdump.terminate();
      tcpdump.waitFor();
    }
    List<Json> explained =
        lines(bed.balancer().magctl("explain", "--json", "--pcap", file.toString()).orFail().out());
    assertTrue(explained.size() >= 4 * CONNECTIONS, "packets " + explained.size());
    assertEquals(servers, backends(explained));
    explained.forEach(packet -> assertEquals("lbd", packet.text("options")));
    // Of the daemon's own options, not of the defaults.
    Json foreign =
        Json.parse(
            bed.balancer()
                .magctl("explain", "--json", "tcp", "192.0.2.1:1", "198.51.100.1:80")
                .orFail()
                .out());
    assertEquals("accept", foreign.text("action"));
  }

  @ParameterizedTest
  @EnumSource
  void shouldShowDecisionsAsTheyAreMade(Family family) {
    RunningCommand trace =
        startTracing(
            "trace",
            "--json",
            "--syn",
            "--service",
            "default",
            "--port",
            "80",
            "--count",
            "" + CONNECTIONS,
            "--rate",
            "10000/s");
    Map<String, String> servers = connect(family);
    Result result = trace.waitFor().orFail();
    List<Json> packets = lines(result.out());
    assertEquals(CONNECTIONS, packets.size());
    assertEquals(servers, backends(packets));
    for (Json packet : packets) {
      assertEquals("forwarded-tcp", packet.text("reason"));
      assertEquals(2, packet.number("queue"));
      assertTrue(packet.text("packet").endsWith(" [S]"), packet::toString);
    }
    trace.close();
  }

  @Test
  void shouldCaptureWithTheDecisionAsComment() throws IOException {
    Path file = scratch.resolve("captured.pcapng");
    RunningCommand capture =
        startTracing("capture", "-w", file.toString(), "--syn", "--vip", Family.IPV4.vip());
    Map<String, String> servers = connect(Family.IPV4);
    assertEquals(CONNECTIONS, connect(Family.IPV6).size());
    // Asked to end, it still takes what was decided before.
    capture.terminate();
    Result result = capture.waitFor().orFail();
    assertTrue(result.err().contains(CONNECTIONS + " packets captured"), result::toString);
    Result tcpdump = bed.lab().run(Lab.LB, "tcpdump", "-nr", file.toString()).orFail();
    assertEquals(
        CONNECTIONS,
        tcpdump.out().lines().filter(line -> line.contains("Flags [S]")).count(),
        tcpdump::toString);
    List<Json> explained =
        lines(bed.balancer().magctl("explain", "--json", "--pcap", file.toString()).orFail().out());
    assertEquals(servers, backends(explained));
    List<String> commented =
        Pattern.compile("mark 0x[1-4], backend (s[1-4]), pool default, service default, reason fo")
            .matcher(Files.readString(file, StandardCharsets.ISO_8859_1))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertEquals(explained.stream().map(packet -> packet.text("backend")).toList(), commented);
    capture.close();
  }

  @Test
  void shouldCountWhatIsOverTheRate() {
    RunningCommand trace = startTracing("trace", "--rate", "5/s", "--proto", "udp");
    bed.client(Family.IPV4).udp("--count", "2000", "--sources", "10", "--pps", "2000");
    Await.until(
        "all were decided",
        () -> daemon.stats().numbers("reasons").getOrDefault("forwarded-udp", 0L) == 2000);
    trace.terminate();
    Result result = trace.waitFor().orFail();
    long shown = result.out().lines().filter(line -> line.contains(" udp ")).count();
    String lost = result.err().replaceAll("(?s).*magctl: ([0-9,]+) more packets fitted.*", "$1");
    assertTrue(shown >= 5, result::toString);
    assertEquals(2000, shown + Long.parseLong(lost.replace(",", "")), result::toString);
    trace.close();
  }

  @Test
  void shouldEndATraceWhoseReaderDied() throws InterruptedException {
    RunningCommand trace = startTracing("trace", "--vip", Family.IPV6.vip());
    trace.kill();
    trace.waitFor(20, TimeUnit.SECONDS);
    Await.until(
        "its lease is over", () -> daemon.log().contains("trace 1 is ended: nobody reads it"));
    trace.close();
  }

  @Test
  void shouldRefuseWhatIsNotThere() {
    Result result = bed.balancer().magctl("trace", "--service", "none");
    assertEquals(2, result.exit());
    assertTrue(result.err().contains("there is no service 'none'"), result.err());
    result = bed.balancer().magctl("trace", "--backend", "s9");
    assertEquals(2, result.exit());
    assertTrue(result.err().contains("no pool has a backend 's9'"), result.err());
    Path file = scratch.resolve("never.pcapng");
    daemon.stop();
    result = bed.balancer().magctl("capture", "-w", file.toString());
    assertEquals(1, result.exit());
    assertTrue(result.err().contains("lbd is not running"), result.err());
    assertTrue(Files.notExists(file));
  }
}
