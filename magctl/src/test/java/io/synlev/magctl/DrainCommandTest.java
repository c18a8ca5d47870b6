package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.ControlServer;
import io.synlev.control.Dispatcher;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where a daemon is needed, this process plays it. */
@Timeout(60)
class DrainCommandTest extends Sandbox {
  private Instance instance;
  private ControlServer server;
  private Map<String, Object> over;

  @BeforeEach
  void create() {
    done("create 97 --pool web --backends s1 s2,fwmark=0x20 s3");
    instance = open();
  }

  @AfterEach
  void close() {
    if (server != null) {
      server.close();
    }
    instance.close();
  }

  /** What the daemon does when it is asked for the state of drains. */
  private interface Status {
    Map<String, Object> answer(int question);
  }

  private void serve(Status status) {
    instance.claim(DaemonRecord.ofThisProcess(2, 2));
    AtomicInteger questions = new AtomicInteger();
    server =
        ControlServer.start(
            directory().controlSocket(),
            new Dispatcher()
                .query(
                    "drain.status", (caller, params) -> status.answer(questions.incrementAndGet()))
                .command(
                    "flows.end",
                    (caller, params) -> {
                      assertEquals(Map.of("pool", "web", "backends", List.of("s1", "s2")), params);
                      assertEquals(AdminState.INACTIVE, backend("s1").state());
                      return Map.of("carrier", "conntrack", "ended", 12);
                    }));
  }

  private Backend backend(String name) {
    return instance.snapshot("web").backends().stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void change(String name, UnaryOperator<Backend> change) {
    instance.updatePool(
        "web",
        backends ->
            backends.stream()
                .map(each -> each.name().equals(name) ? change.apply(each) : each)
                .toList());
  }

  private Map<String, Object> left(Object flows) {
    return Map.of("carrier", "conntrack", "drains", List.of(drain(flows)), "ended", List.of());
  }

  private Map<String, Object> drain(Object flows) {
    String until = Instant.ofEpochSecond(backend("s1").drainUntilSeconds()).toString();
    return Json.object("pool", "web", "backend", "s1", "until", until, "flows", flows);
  }

  /** Makes s1 inactive as the daemon would, and says so from then on. */
  private Map<String, Object> ended(long flows) {
    if (backend("s1").drainEnds()) {
      over = drain(flows);
      change("s1", backend -> backend.with(AdminState.INACTIVE));
    }
    return Map.of("carrier", "conntrack", "drains", List.of(), "ended", List.of(over));
  }

  @Test
  void shouldDrainUntilTheTimeIsUp() {
    long before = Instant.now().getEpochSecond();
    String said = done("drain s1 0x20 --pool web");
    assertTrue(said.startsWith("pool web: s1 s2 are draining, for 5m at most; generation 1"), said);
    assertTrue(
        said.endsWith(
            "note: no lbd serves the instance: the next one counts flows and ends"
                + " the drain\n"),
        said);
    long after = Instant.now().getEpochSecond();
    for (String name : List.of("s1", "s2")) {
      assertEquals(AdminState.DRAINING, backend(name).state());
      long until = backend(name).drainUntilSeconds();
      assertTrue(until >= before + 300 && until <= after + 301, before + " " + until);
    }
    assertEquals(AdminState.ACTIVE, backend("s3").state());
  }

  @Test
  void shouldTakeAnotherTimeTheSecondTime() {
    done("drain s1 --pool web");
    long first = backend("s1").drainUntilSeconds();
    assertTrue(done("drain s1 --pool web --timeout 1h30m").contains("for 1h30m at most"));
    assertTrue(backend("s1").drainUntilSeconds() >= first + 5100);
  }

  @Test
  void shouldKeepTheEndUntilTheStateIsAnother() {
    done("drain s1 --pool web");
    final long until = backend("s1").drainUntilSeconds();
    done("backend set s1 --pool web --weight 3 --ipv4 192.0.2.1");
    assertEquals(until, backend("s1").drainUntilSeconds());
    done("backend set s1 --pool web --state draining");
    assertEquals(0, backend("s1").drainUntilSeconds());
    done("drain s1 --pool web");
    done("activate s1 --pool web");
    assertEquals(0, backend("s1").drainUntilSeconds());
  }

  @Test
  void shouldShowTheEndAndExportIt() {
    done("drain s1 --pool web");
    String until = Instant.ofEpochSecond(backend("s1").drainUntilSeconds()).toString();
    assertTrue(done("show").contains("  s1 drains until " + until + " at the latest\n"));
    assertTrue(done("backend list --pool web").contains("drains until " + until));
    assertTrue(
        done("export --no-seed").contains("state: draining, drain-until: \"" + until + "\""));
    Map<?, ?> shown =
        (Map<?, ?>)
            ((List<?>) run("backend list --pool web --json").json().get("backends")).getFirst();
    assertEquals(until, shown.get("drainUntil"));
  }

  @Test
  void shouldReadTimesWithUnitsOnly() {
    for (String wrong :
        List.of("5", "0s", "m", "5x", "1m1h", "1m1m", "366d", "-5m", "99999999999999999999s")) {
      isMisused("drain s1 --pool web --timeout=" + wrong, "'--timeout " + wrong + "' is no time");
    }
    assertEquals(365 * 86_400, DrainTime.seconds("", "365d"));
    assertEquals(86_400 + 2 * 3_600 + 3 * 60 + 4, DrainTime.seconds("", "1d2h3m4s"));
    assertEquals("1d2h3m4s", DrainTime.text(DrainTime.seconds("", "1d2h3m4s")));
    assertEquals("1m30s", DrainTime.text(DrainTime.seconds("", "90s")));
    assertEquals("0s", DrainTime.text(0));
  }

  @Test
  void shouldChangeAllOrNone() {
    fails("drain s1 s9 --pool web", "no backend 's9'");
    isMisused("drain --pool web", "BACKEND");
  }

  @Test
  void shouldSayWhoEndsTheDrain() {
    serve(question -> left(null));
    String said = done("drain s1 --pool web");
    assertTrue(said.endsWith("makes it inactive when no flow is left (conntrack)\n"), said);
    Map<String, Object> json = run("drain s1 --pool web --json").json();
    assertEquals((int) ProcessHandle.current().pid(), json.get("daemon"));
    assertEquals("conntrack", json.get("carrier"));
    assertEquals(
        Instant.ofEpochSecond(backend("s1").drainUntilSeconds()).toString(), json.get("until"));
  }

  @Test
  void shouldSayThatNobodyCarriesFlows() {
    serve(question -> Map.of("carrier", "none", "drains", List.of(), "ended", List.of()));
    assertTrue(done("drain s1 --pool web").contains("note: nobody carries flows here"));
  }

  @Test
  void shouldSayThatTheDaemonDoesNotEndIt() {
    serve(
        question -> {
          throw new RpcException(RpcError.METHOD_NOT_FOUND, "no such method");
        });
    Run run = run("drain s1 --pool web --watch");
    assertEquals(1, run.code());
    assertTrue(run.err().contains("the drain has begun, but lbd with pid"), run.err());
    assertEquals(AdminState.DRAINING, backend("s1").state());
  }

  @Test
  void shouldWatchUntilNoFlowIsLeft() {
    serve(
        question ->
            switch (question) {
              case 1, 2 -> left(null);
              case 3 -> left(2);
              case 4, 5 -> left(1);
              default -> ended(0);
            });
    String said = done("drain s1 --pool web --watch");
    List<String> lines = said.lines().toList();
    assertTrue(lines.get(2).startsWith("s1: not counted yet; "), said);
    assertTrue(lines.get(3).startsWith("s1: 2 flows left; "), said);
    assertTrue(lines.get(4).startsWith("s1: 1 flow left; "), said);
    assertEquals(List.of("s1 is inactive: no flow is left"), lines.subList(5, lines.size()));
  }

  @Test
  void shouldFailWhenFlowsWereLeft() {
    serve(question -> question < 3 ? left(3) : ended(3));
    Run run = run("drain s1 --pool web --watch");
    assertEquals(1, run.code());
    assertTrue(
        run.out()
            .endsWith(
                "s1 is inactive: its time is up, 3 flows left"
                    + " ('magctl deactivate --flush s1 --pool web' ends them)\n"),
        run.out());
  }

  @Test
  void shouldFailWhenSomebodyCallsItOff() {
    serve(
        question -> {
          if (question == 3) {
            change("s1", backend -> backend.with(AdminState.ACTIVE));
          }
          return Map.of("carrier", "conntrack", "drains", List.of(), "ended", List.of());
        });
    Run run = run("drain s1 --pool web --watch");
    assertEquals(1, run.code());
    assertTrue(run.out().endsWith("s1 is active: somebody has changed it meanwhile\n"), run.out());
  }

  @Test
  void shouldWatchOnWhileTheDaemonIsAway() {
    serve(
        question -> {
          if (question == 3) {
            throw new RpcException(RpcError.FAILED, "lbd is ending");
          }
          return question < 5 ? left(1) : ended(0);
        });
    assertTrue(done("drain s1 --pool web --watch").endsWith("s1 is inactive: no flow is left\n"));
  }

  @Test
  void shouldNotWatchForEverWhereNobodyEndsTheDrain() {
    long past = Instant.now().getEpochSecond() - 60;
    change("s1", backend -> backend.drainingUntil(past));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Console console = new Console(new ByteArrayOutputStream(), said, false, false, false);
    assertEquals(
        Magctl.FAILED, new DrainWatch(console, instance, "web", List.of("s1"), past, false).run());
    assertTrue(said.toString(StandardCharsets.UTF_8).contains("the next one ends the drain"));
    assertEquals(AdminState.DRAINING, backend("s1").state());
  }

  @Test
  void shouldWatchInJsonLines() {
    serve(question -> question < 3 ? left(3) : ended(0));
    List<String> lines = done("drain s1 --pool web --watch --json").lines().toList();
    assertTrue(
        lines.contains(
            "{\"ended\":[{\"backend\":\"s1\",\"state\":\"inactive\",\"flows\":0}],\"drained\":true}"),
        lines.toString());
    assertTrue(
        lines.stream()
            .anyMatch(line -> line.startsWith("{\"draining\":[{\"backend\":\"s1\",\"flows\":3}],")),
        lines.toString());
  }

  @Test
  void shouldEndFlowsOnceTheTableGivesNoneAnyMore() {
    serve(question -> left(0));
    assertTrue(
        done("deactivate --flush s1 s2 --pool web").endsWith("12 flows are ended (conntrack)\n"));
    Map<String, Object> json = run("deactivate s2 --flush s1 --pool web --json").json();
    assertEquals(12, json.get("endedFlows"));
    assertEquals("conntrack", json.get("carrier"));
  }

  @Test
  void shouldSayThatFlowsWereNotEnded() {
    Run run = run("deactivate --flush s1 s2 --pool web");
    assertEquals(1, run.code());
    assertEquals(AdminState.INACTIVE, backend("s1").state());
    assertTrue(run.out().startsWith("pool web: s1 s2 are inactive"), run.out());
    assertTrue(
        run.err()
            .contains(
                "no new flows go there, but established ones were not ended: no lbd serves the"
                    + " instance"),
        run.err());
    assertTrue(
        run.err().contains("conntrack -D --mark 0x1/0xffff; conntrack -D --mark 0x20/0xffff"),
        run.err());
    assertNull(run("deactivate --flush s1 --pool web --json").json().get("endedFlows"));
  }
}
