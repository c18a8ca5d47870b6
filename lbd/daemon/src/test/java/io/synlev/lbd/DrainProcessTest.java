package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.ControlClient;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.hash.Seed;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.StateDirectory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real daemon whose kernel carries the connections that conntrack(8) makes. */
@Timeout(60)
class DrainProcessTest {
  @TempDir Path temporary;
  private Network network;
  private Instance instance;
  private DaemonProcess daemon;

  @BeforeEach
  void create() throws Exception {
    network = Network.create();
    instance =
        Instance.create(
            new StateDirectory(temporary.resolve("state"), "tested"),
            new InstanceSettings(new Seed(1, 2), 0xffff));
    instance.createPool(
        new PoolSettings("web", 97, 10, Policy.MAGLEV, HashOn.TUPLE, 0),
        List.of(Backend.of("a", 1), Backend.of("b", 2)));
  }

  @AfterEach
  void clean() {
    if (daemon != null) {
      daemon.close();
    }
    if (instance != null) {
      instance.close();
    }
    network.close();
  }

  private void start(String offload) throws Exception {
    StateDirectory directory = instance.directory();
    daemon =
        DaemonProcess.start(
            network,
            List.of(),
            List.of(
                "--state-dir",
                directory.base().toString(),
                "--instance",
                directory.instance(),
                "--offload",
                offload));
    daemon.await("ready");
  }

  private void connect(int mark, int port) throws Exception {
    String entry =
        "-I -t 600 -s 198.51.100.7 -d 192.0.2.80 -p tcp --dport 80 --state ESTABLISHED"
            + " -u SEEN_REPLY,ASSURED --sport %d -m %d";
    network.run(("conntrack " + entry.formatted(port, mark)).split(" "));
  }

  private void drain(String name, int seconds) {
    instance.updatePool(
        "web",
        backends ->
            backends.stream()
                .map(
                    each ->
                        each.name().equals(name)
                            ? each.drainingUntil(Instant.now().getEpochSecond() + seconds)
                            : each)
                .toList());
  }

  private Map<?, ?> ask(String method, Map<String, Object> params) {
    return (Map<?, ?>) ControlClient.ask(instance.directory(), method, params);
  }

  private AdminState state(int index) {
    return instance.snapshot("web").backends().get(index).state();
  }

  @Test
  void shouldEndDrainsAndFlowsOfTheBackendsThatAreNamed() throws Exception {
    connect(1, 4711);
    connect(2, 4712);
    connect(2, 4713);
    start("conntrack");
    drain("a", 3600);
    daemon.await("web/a drains until ");
    assertEquals("conntrack", ask("drain.status", Map.of()).get("carrier"));
    assertEquals(
        Map.of("carrier", "conntrack", "ended", 1),
        ask("flows.end", Map.of("pool", "web", "backends", List.of("a"))));
    daemon.await("web/a is inactive: no flow is left");
    assertEquals(AdminState.INACTIVE, state(0));
    assertTrue(network.run("conntrack", "-L").contains("mark=2"));
    drain("b", 1);
    daemon.await("web/b is inactive: its time is up, flows left: 2");
    assertEquals(AdminState.INACTIVE, state(1));
  }

  @Test
  void shouldHaveNothingToWaitForWhereNobodyCarriesFlows() throws Exception {
    connect(1, 4711);
    start("none");
    assertEquals("none", ask("drain.status", Map.of()).get("carrier"));
    drain("a", 3600);
    daemon.await("web/a is inactive: no flow is left");
    assertEquals(
        Map.of("carrier", "none", "ended", 0),
        ask("flows.end", Map.of("pool", "web", "backends", List.of("a"))));
  }

  @Test
  void shouldSayWhatIsWrongWithARequest() throws Exception {
    start("none");
    assertRefused(RpcError.INVALID_PARAMS, "say which", "flows.end", Map.of());
    assertRefused(
        RpcError.INVALID_PARAMS,
        "there is no backend 'c' in pool 'web'",
        "flows.end",
        Map.of("pool", "web", "backends", List.of("a", "c")));
    assertRefused(
        RpcError.FAILED,
        "there is no pool 'none'",
        "flows.end",
        Map.of("pool", "none", "backends", List.of("a")));
    assertRefused(
        RpcError.INVALID_PARAMS, "no parameter 'pool'", "drain.status", Map.of("pool", "web"));
  }

  private void assertRefused(int code, String message, String method, Map<String, Object> params) {
    RpcException refusal = assertThrows(RpcException.class, () -> ask(method, params));
    assertEquals(code, refusal.code());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }
}
