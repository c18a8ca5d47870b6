package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.control.ControlServer;
import io.synlev.control.Dispatcher;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** This process plays the daemon: it claims the instance and answers on the control socket. */
class ConfirmationTest extends Sandbox {
  private final AtomicInteger syncs = new AtomicInteger();
  private Instance daemon;

  @BeforeEach
  void claim() {
    done("create 97 --backends s1 s2");
    daemon = open();
    daemon.claim(DaemonRecord.ofThisProcess(2, 2));
  }

  @AfterEach
  void unclaim() {
    daemon.close();
  }

  private ControlServer serve() {
    return ControlServer.start(
        directory().controlSocket(),
        new Dispatcher()
            .command(
                "sync",
                (caller, params) -> {
                  syncs.incrementAndGet();
                  long generation = daemon.configurationGeneration();
                  daemon.publishSeen(generation);
                  return Map.of("generation", generation);
                }));
  }

  private static String confirmed() {
    return "lbd (pid " + ProcessHandle.current().pid() + ") has taken it over\n";
  }

  @Test
  void shouldAskTheDaemonAfterChangesOfPoolsAndServices() {
    try (ControlServer _ = serve()) {
      assertTrue(done("create 97 --pool web --vip 10.0.0.0").endsWith(confirmed()));
      assertTrue(done("service set web --vip 10.0.0.1").endsWith(confirmed()));
      assertTrue(done("service remove web").endsWith(confirmed()));
      assertTrue(done("delete web").endsWith(confirmed()));
      assertEquals(4, syncs.get());
      assertEquals(daemon.configurationGeneration(), daemon.seen());
      Map<?, ?> said = (Map<?, ?>) run("create 97 --pool b --json").json().get("daemon");
      assertEquals(true, said.get("confirmed"));
    }
  }

  @Test
  void shouldNotDisturbTheDaemonForChangesOfTables() {
    // Nobody listens: had it been asked, the command would fail.
    done("deactivate s1");
    done("backend add s3");
    done("backend set s3 --weight 2");
  }

  /** Workers see the table by themselves; but a kernel that carries flows to it has to be told. */
  @Test
  void shouldWaitUntilNothingIsCarriedToARemovedBackend() {
    try (ControlServer _ = serve()) {
      assertTrue(done("backend remove s2").endsWith(" moved\n"));
      assertEquals(1, syncs.get());
    }
    Run run = run("backend remove s1");
    assertEquals(1, run.code());
    assertTrue(run.out().contains("removed s1"), run.out());
    assertTrue(run.err().contains("the change is made, but lbd with pid"), run.err());
  }

  @Test
  void shouldSayThatTheChangeIsMadeWhenTheDaemonIsSilent() {
    Run run = run("service add web --vip 10.0.0.0");
    assertEquals(1, run.code());
    assertTrue(run.out().startsWith("service web is added"), run.out());
    assertFalse(run.out().contains("taken it over"), run.out());
    assertTrue(run.err().contains("the change is made, but lbd with pid"), run.err());
    assertEquals("web", daemon.configuration().services().getFirst().name());
  }

  @Test
  void shouldPassOnWhyTheDaemonRefuses() {
    Dispatcher refusing =
        new Dispatcher()
            .command(
                "sync",
                (caller, params) -> {
                  throw new RpcException(RpcError.INTERNAL_ERROR, "no memory left");
                });
    try (ControlServer _ = ControlServer.start(directory().controlSocket(), refusing)) {
      Run run = run("service add web --vip 10.0.0.0 --json");
      assertEquals(1, run.code());
      assertTrue(run.err().contains("no memory left"), run.err());
      assertEquals(false, ((Map<?, ?>) run.json().get("daemon")).get("confirmed"));
    }
  }

  @Test
  void shouldWaitUntilTheWorkersHaveLeftADeletedPool() {
    Dispatcher slow =
        new Dispatcher()
            .command(
                "sync",
                (caller, params) -> {
                  // The workers are late: they say so only after the answer is out.
                  long generation = daemon.configurationGeneration();
                  Thread.ofPlatform().start(() -> daemon.publishSeen(generation));
                  return Map.of("generation", generation);
                });
    try (ControlServer _ = ControlServer.start(directory().controlSocket(), slow)) {
      assertEquals("deleted: default\n" + confirmed(), done("delete default"));
      assertEquals(daemon.configurationGeneration(), daemon.seen());
    }
  }

  @Test
  void shouldNotWaitForADaemonThatHasEnded() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    daemon.unclaim();
    daemon.claim(new DaemonRecord(ended.pid(), 1, 0, 0));
    assertEquals("deleted: default\n", done("delete default"));
  }
}
