package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeleteAndCleanTest extends Sandbox {
  @BeforeEach
  void create() {
    done("create 7 --pool a");
    done("create 7 --pool b");
    done("create 7 --pool c");
  }

  @Test
  void shouldDeleteSeveralPools() {
    assertEquals("deleted: a c\n", done("delete a c a"));
    assertTrue(Files.exists(directory().path().resolve("pool-b")));
    assertFalse(Files.exists(directory().path().resolve("pool-a")));
    assertEquals(List.of("b"), run("delete --json b").json().get("deleted"));
  }

  @Test
  void shouldDeleteAllPoolsOrNone() {
    fails("delete a d", "no pool 'd'");
    isMisused("delete", "which pool", "--all");
    isMisused("delete --all a", "--all");
  }

  @Test
  void shouldDeleteTheInstance() {
    assertEquals("instance default is deleted\n", done("clean"));
    assertFalse(Files.exists(directory().path()));
    create();
    assertEquals(true, run("delete --all --json").json().get("deleted"));
    assertFalse(Files.exists(directory().path()));
    fails("clean", "no instance 'default'", "magctl create");
  }

  @Test
  void shouldNotDeleteAnInstanceUnderItsDaemon() {
    try (Instance instance = open()) {
      instance.claim(DaemonRecord.ofThisProcess(2, 2));
      fails("clean", "served by lbd with pid " + ProcessHandle.current().pid(), "--force");
      fails("delete --all", "stop it first");
    }
    done("clean --force");
    assertFalse(Files.exists(directory().path()));
  }

  @Test
  void shouldDeleteADamagedInstance() throws IOException {
    Files.write(directory().path().resolve("registry"), new byte[10]);
    assertEquals(1, run("show").code());
    done("clean");
    assertFalse(Files.exists(directory().path()));
  }
}
