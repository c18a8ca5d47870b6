package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.ControlClient;
import io.synlev.hash.Seed;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real daemons, as processes in a network namespace of their own. */
@Timeout(120)
class LifeCycleTest {
  private static final List<String> PLAIN = List.of();
  private static final String ONLY_NET_ADMIN = "-all,+net_admin";
  private static final String ALL_BUT_NET_ADMIN = "-net_admin";

  @TempDir Path temporary;
  private final List<DaemonProcess> daemons = new ArrayList<>();
  private Network network;
  private StateDirectory directory;
  private Instance instance;

  @BeforeEach
  void create() throws Exception {
    network = Network.create();
    directory = new StateDirectory(temporary.resolve("state"), "tested");
    instance = create(directory);
  }

  private static Instance create(StateDirectory directory) {
    Instance instance = Instance.create(directory, new InstanceSettings(new Seed(1, 2), 0xffff));
    instance.createPool(
        new PoolSettings("web", 97, 10, Policy.MAGLEV, HashOn.TUPLE, 0),
        List.of(Backend.of("a", 1), Backend.of("b", 2)));
    instance.updateServices(
        none -> List.of(new Service("web", "web", List.of(Prefix.parse("10.0.0.1/32")))));
    return instance;
  }

  @AfterEach
  void clean() {
    daemons.forEach(DaemonProcess::close);
    if (instance != null) {
      instance.close();
    }
    if (network != null) {
      network.close();
    }
  }

  private DaemonProcess start(List<String> wrapper, StateDirectory of, String... more)
      throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--state-dir", of.base().toString(), "--instance", of.instance()));
    arguments.addAll(List.of(more));
    DaemonProcess daemon = DaemonProcess.start(network, wrapper, arguments);
    daemons.add(daemon);
    return daemon;
  }

  private DaemonProcess startReady(String... more) throws IOException {
    return start(PLAIN, directory, more).await("ready");
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> ask(String method) {
    return (Map<String, Object>) ControlClient.ask(directory, method, Map.of());
  }

  private void assertNothingIsLeft() throws Exception {
    assertEquals("", network.boundQueues());
    assertFalse(Files.exists(directory.controlSocket()));
    assertEquals(0, instance.daemon().pid());
  }

  @Test
  void shouldServeUntilItIsToldToStop() throws Exception {
    DaemonProcess daemon = startReady("--queue", "4:5", "--fail-open");
    Map<String, Object> status = ask("status");
    assertEquals("tested", status.get("instance"));
    assertEquals("present", status.get("state"));
    assertEquals(daemon.pid(), ((Number) status.get("pid")).longValue());
    assertEquals(2, ((List<?>) status.get("queues")).size());
    assertEquals(daemon.pid(), instance.daemon().pid());
    assertEquals(5, instance.daemon().lastQueue());
    assertEquals(2, network.boundQueues().lines().count());
    assertEquals(Map.of("stopping", true), ask("stop"));
    assertEquals(0, daemon.exitCode(), daemon.log());
    assertTrue(daemon.log().contains("control: stop by uid 0 gid 0 pid"), daemon.log());
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void shouldLeaveNothingBehindOnASignal(String signal) throws Exception {
    DaemonProcess daemon = startReady();
    daemon.signal(signal);
    assertEquals(0, daemon.exitCode(), daemon.log());
    assertNothingIsLeft();
  }

  @Test
  void shouldTakeOverWhatAKilledDaemonLeft() throws Exception {
    DaemonProcess killed = startReady();
    killed.signal("KILL");
    killed.exitCode();
    assertTrue(Files.exists(directory.controlSocket()));
    startReady().signal("TERM");
  }

  @Test
  void shouldDecideAboutPacketsAndCountOnlyThem() throws Exception {
    network.run("ip", "address", "add", "10.0.0.1/32", "dev", "lo");
    network.run(
        ("iptables -t mangle -A OUTPUT -p udp -d 10.0.0.1 -j NFQUEUE --queue-num 2").split(" "));
    startReady();
    assertEquals(0, count("reasons", "forwarded-udp"));
    for (int i = 0; i < 20; i++) {
      network.run("bash", "-c", "echo hello > /dev/udp/10.0.0.1/9");
    }
    // A sender does not wait for the verdict.
    while (count("reasons", "forwarded-udp") < 20) {
      Thread.onSpinWait();
    }
    assertEquals(20, count("reasons", "forwarded-udp"));
    assertEquals(0, count("reasons", "no-service"));
    assertEquals(20, packetsOfBackends());
  }

  private int count(String group, String label) {
    return ((Number) ((Map<?, ?>) ask("stats").get(group)).get(label)).intValue();
  }

  private int packetsOfBackends() {
    Map<?, ?> pool = (Map<?, ?>) ((List<?>) ask("stats").get("pools")).getFirst();
    return ((List<?>) pool.get("backends"))
        .stream().mapToInt(each -> ((Number) ((Map<?, ?>) each).get("packets")).intValue()).sum();
  }

  @Test
  void shouldUseANewConfigurationAtOnceWhenAsked() throws Exception {
    startReady();
    instance.updateServices(services -> List.of());
    long generation = instance.configurationGeneration();
    Object answer = ask("sync").get("generation");
    assertEquals(generation, ((Number) answer).longValue());
    assertEquals(generation, instance.seen());
  }

  @Test
  void shouldNoticeANewConfigurationByItself() throws Exception {
    startReady();
    instance.updateServices(services -> List.of());
    long generation = instance.configurationGeneration();
    while (instance.seen() != generation) {
      Thread.onSpinWait();
    }
    assertEquals(0, ask("status").get("services"));
  }

  @Test
  void shouldKeepServingWhenItsDirectoryIsDeleted() throws Exception {
    DaemonProcess daemon = startReady();
    try (ControlClient client = ControlClient.connect(directory, Duration.ofSeconds(20))) {
      client.call("sync", Map.of());
      Instance.delete(directory);
      Map<?, ?> status = (Map<?, ?>) client.call("status", Map.of());
      assertEquals("deleted", status.get("state"));
    }
    daemon.await("was deleted: serving its last configuration");
    assertEquals(1, network.boundQueues().lines().count());
    daemon.signal("TERM");
    assertEquals(0, daemon.exitCode(), daemon.log());
  }

  @Test
  void shouldNotTouchANewInstanceOfTheSameName() throws Exception {
    DaemonProcess former = startReady();
    Instance.delete(directory);
    instance.close();
    instance = create(directory);
    DaemonProcess fresh = startReady("--queue", "3");
    former.signal("TERM");
    assertEquals(0, former.exitCode(), former.log());
    assertEquals(fresh.pid(), ((Number) ask("status").get("pid")).longValue());
    assertEquals(fresh.pid(), instance.daemon().pid());
  }

  @Test
  void shouldSayWhoServesTheInstanceAlready() throws Exception {
    DaemonProcess first = startReady();
    DaemonProcess second = start(PLAIN, directory, "--queue", "3");
    assertEquals(1, second.exitCode());
    assertTrue(
        second.log().contains("'tested' is served by lbd with pid " + first.pid()), second.log());
    assertEquals("present", ask("status").get("state"));
  }

  @Test
  void shouldSayWhichInstanceHoldsTheQueue() throws Exception {
    DaemonProcess first = startReady();
    StateDirectory other = new StateDirectory(directory.base(), "other");
    try (Instance second = create(other)) {
      DaemonProcess refused = start(PLAIN, other);
      assertEquals(1, refused.exitCode());
      assertTrue(
          refused.log().contains("queue 2 is held by lbd of instance 'tested', pid " + first.pid()),
          refused.log());
      assertEquals(0, second.daemon().pid());
    }
  }

  @Test
  void shouldSayHowToCreateAnInstanceThatIsMissing() throws Exception {
    DaemonProcess daemon = start(PLAIN, new StateDirectory(directory.base(), "missing"));
    assertEquals(1, daemon.exitCode());
    assertTrue(daemon.log().contains("'magctl create'"), daemon.log());
  }

  @Test
  void shouldRefuseAMarkOutsideTheInstancesMask() throws Exception {
    DaemonProcess daemon = start(PLAIN, directory, "--no-service", "mark=0x10000");
    assertEquals(2, daemon.exitCode());
    assertTrue(daemon.log().contains("mark 0x10000 has bits outside"), daemon.log());
    assertNothingIsLeft();
  }

  @Test
  void shouldNeedNoOtherCapabilityThanNetAdmin() throws Exception {
    DaemonProcess daemon = start(setpriv(ONLY_NET_ADMIN), directory).await("ready");
    String status = Files.readString(Path.of("/proc/" + daemon.pid() + "/status"));
    assertTrue(status.contains("CapEff:\t0000000000001000"), status);
    assertEquals("tested", ask("status").get("instance"));
    assertTrue(ask("stats").containsKey("pools"));
    daemon.signal("TERM");
    assertEquals(0, daemon.exitCode(), daemon.log());
    assertNothingIsLeft();
  }

  @Test
  void shouldNameTheCapabilityThatIsMissing() throws Exception {
    DaemonProcess daemon = start(setpriv(ALL_BUT_NET_ADMIN), directory);
    assertEquals(1, daemon.exitCode());
    assertTrue(daemon.log().contains("CAP_NET_ADMIN is missing"), daemon.log());
    assertNothingIsLeft();
  }

  /** With a bounding set, root's programs start with no more than that; capabilities(7). */
  private static List<String> setpriv(String capabilities) {
    return List.of("setpriv", "--bounding-set=" + capabilities, "--inh-caps=" + capabilities);
  }

  @Test
  void shouldWarmUpWithoutTouchingAQueue() throws Exception {
    DaemonProcess first = start(PLAIN, directory, "--warm-up-only");
    assertEquals(0, first.exitCode(), first.log());
    assertEquals("", first.log());
    assertNothingIsLeft();
  }
}
