package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.ControlClient;
import io.synlev.netfilter.QueueOptions;
import io.synlev.state.Instance;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Daemons that are run by a configuration file; real processes where the process matters. */
@Timeout(120)
class ConfiguredTest {
  private static final String FILE =
      """
      version: 1
      instance:
        name: filed
      pools:
        web:
          slots: 97
          backends:
            a: {fwmark: 1}
            b: {fwmark: 2}
      services:
        web: {vips: 10.0.0.1, pool: web}
      datapath:
        queue: "4:5"
        batch: 8
        fail-open: true
      """;

  @TempDir Path temporary;
  private final List<DaemonProcess> daemons = new ArrayList<>();
  private Network network;
  private StateDirectory directory;
  private Path file;

  @BeforeEach
  void create() throws Exception {
    network = Network.create();
    directory = new StateDirectory(temporary.resolve("state"), "filed");
    file = Files.writeString(temporary.resolve("lbd.yaml"), FILE);
  }

  @AfterEach
  void clean() {
    daemons.forEach(DaemonProcess::close);
    if (network != null) {
      network.close();
    }
  }

  private DaemonProcess start(String... more) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--state-dir", directory.base().toString()));
    arguments.addAll(List.of("--config", file.toString()));
    arguments.addAll(List.of(more));
    DaemonProcess daemon = DaemonProcess.start(network, List.of(), arguments);
    daemons.add(daemon);
    return daemon;
  }

  private List<String> backends() {
    try (Instance instance = Instance.open(directory)) {
      return instance.snapshot("web").backends().stream().map(each -> each.name()).toList();
    }
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> status() {
    return (Map<String, Object>) ControlClient.ask(directory, "status", Map.of());
  }

  @Test
  void shouldMakeTheInstanceOfTheFileAndServeItAsTheFileSays() throws Exception {
    start().await("lbd.yaml is applied: 4 added, 0 changed, 0 removed").await("ready");
    assertEquals(List.of("a", "b"), backends());
    List<?> queues = (List<?>) status().get("queues");
    assertEquals(2, queues.size());
    assertTrue(queues.toString().contains("batch=8"), queues.toString());
    assertTrue(queues.toString().contains("failOpen=true"), queues.toString());
  }

  @Test
  void shouldReloadOnHangUpAndGoOnServing() throws Exception {
    DaemonProcess daemon = start().await("ready");
    Files.writeString(
        file, FILE.replace("b: {fwmark: 2}", "c: {fwmark: 3}").replace("10.0.0.1", "10.0.0.2"));
    daemon.signal("HUP");
    daemon.awaitAll("is applied: 1 added, 1 changed, 1 removed", "is in use");
    assertEquals(List.of("a", "c"), backends());
    // Pools that are gone are unmapped; what asks for counters must not notice.
    assertTrue(ControlClient.ask(directory, "stats", Map.of()).toString().contains("backend=c"));
    for (int round = 10; round < 14; round++) {
      Files.writeString(
          file,
          FILE.replace("fwmark: 2", "fwmark: " + round).replace("10.0.0.1", "10.0.1." + round));
      daemon.signal("HUP");
      daemon.awaitAll("is applied", "is in use");
      assertTrue(
          ControlClient.ask(directory, "stats", Map.of()).toString().contains("fwmark=" + round));
    }
    daemon.signal("TERM");
    assertEquals(0, daemon.exitCode());
  }

  @Test
  void shouldKeepTheFormerConfigurationWhenTheFileIsWrong() throws Exception {
    DaemonProcess daemon = start().await("ready");
    Files.writeString(
        file, FILE.replace("fwmark: 2", "fwmark: 1").replace("vips: 10.0.0.1", "vips: x"));
    daemon.signal("HUP");
    daemon
        .await("lbd.yaml:9: pools.web.backends.b: fwmark 1 of backend 'b'")
        .await("lbd.yaml:11:15: services.web.vips: 'x' is no IP address")
        .await("is not applied, the former configuration stays");
    assertEquals(List.of("a", "b"), backends());
    Files.delete(file);
    daemon.signal("HUP");
    daemon.await("is not applied, the former configuration stays: cannot read");
    Files.writeString(file, FILE.replace("batch: 8", "batch: 9"));
    daemon.signal("HUP");
    daemon.await("the instance is as").await("take effect at its next start");
  }

  @Test
  void shouldNotStartWithAWrongFile() throws Exception {
    Files.writeString(file, FILE.replace("slots: 97", "slots: 98\n    wieght: 1"));
    DaemonProcess daemon = start();
    daemon.await("pools.web.slots: 98 is no prime number").await("pools.web.wieght: there is no");
    assertEquals(1, daemon.exitCode());
    assertFalse(directory.exists());
  }

  @Test
  void shouldNotChangeWhatAnotherDaemonServes() throws Exception {
    start().await("ready");
    Files.writeString(file, FILE.replace("b: {fwmark: 2}", "c: {fwmark: 3}"));
    DaemonProcess second = start("--queue", "7");
    second.await("is served by lbd with pid");
    assertEquals(1, second.exitCode());
    assertEquals(List.of("a", "b"), backends());
  }

  private Configured configured(String text) throws IOException {
    return Configured.read(Files.writeString(file, text).toString());
  }

  @Test
  void shouldLetTheCommandLineGoFirst() throws IOException {
    Configured configured = configured(FILE);
    String[] given = {"--queue", "9", "--state-dir", "/x"};
    DaemonSettings settings =
        LbdOptions.parse(configured.arguments(given, LbdOptions.parse(given)))
            .settings(Map.of(), configured.instance());
    assertEquals(new StateDirectory(Path.of("/x"), "filed"), settings.directory());
    assertEquals(List.of(QueueOptions.of(9).withBatch(8).withFailOpen(true)), settings.queues());
  }

  @Test
  void shouldNameTheLineOfAnOptionThatLbdDoesNotTake() throws IOException {
    LbdTest.assertUsage(
        new String[] {"--config", Files.writeString(file, FILE.replace("4:5", "5:4")).toString()},
        "lbd.yaml:13: datapath.queue:",
        "5:4");
  }

  @Test
  void shouldRefuseAnotherInstanceThanTheFiles() throws IOException {
    Optional<String> named = configured(FILE).instance();
    String message =
        assertThrows(
                StateException.class,
                () -> LbdOptions.parse("--instance", "other").settings(Map.of(), named))
            .getMessage();
    assertTrue(message.contains("'filed'") && message.contains("'other'"), message);
  }

  @Test
  void shouldHaveAnOptionForEveryKeyOfTheFile() throws IOException {
    String page = Files.readString(Path.of("..", "..", "docs", "configuration.md"));
    // Without blanks, since the help breaks lines anywhere.
    String help = LbdOptions.parse().help().replaceAll("\\s+", "");
    Map<String, String> usual = defaults(page, "datapath", "--");
    assertEquals(17, usual.size());
    usual.putAll(defaults(page, "offload", "--offload-"));
    usual.put("--offload", usual.remove("--offload-how"));
    assertEquals(23, usual.size());
    // What is about the process, and not about packets, stands on the command line alone.
    Set<String> options = new TreeSet<>(usual.keySet());
    options.addAll(Set.of("--instance", "--state-dir", "--run-dir", "--config", "--help"));
    options.addAll(Set.of("--take-over", "--warm-up-only", "--version"));
    // Which datapath it is a file cannot say yet; docs/configuration.md tells so.
    options.addAll(Set.of("--datapath", "--dpdk"));
    assertEquals(options, new TreeSet<>(LbdOptions.parse().names()));
    // What is a flag, or off unless given, has no default in the help.
    assertEquals("false", usual.remove("--fail-open"));
    assertEquals("none", usual.remove("--fragment-queue"));
    assertEquals("none", usual.remove("--offload-interface"));
    assertEquals("none", usual.remove("--tier-interface"));
    assertTrue(help.contains("--fail-open") && help.contains("--fragment-queue="), help);
    assertTrue(help.contains("--offload-interface="), help);
    usual.forEach(
        (option, value) -> {
          int at = help.lastIndexOf(option + "=");
          assertTrue(at >= 0, option);
          int next = help.indexOf("--", at + 2);
          assertTrue(help.substring(at, next).contains("(" + value + ")"), option + ": " + value);
        });
  }

  /** Options by name, with what the page says that they are without the key. */
  private static Map<String, String> defaults(String page, String section, String begin) {
    Map<String, String> usual = new TreeMap<>();
    page.substring(page.indexOf("### `" + section + "`"))
        .lines()
        .skip(1)
        .takeWhile(line -> !line.startsWith("#"))
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.replace("`", "").split(" \\| "))
        .forEach(cells -> usual.put(begin + cells[0].substring(2), cells[2]));
    return usual;
  }
}
