package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StateCommandTest extends Sandbox {
  @BeforeEach
  void create() {
    done("create 997 --backends s1 s2,fwmark=0x20 s3,fwmark=255 s10 --seed " + Run.SEED);
  }

  private String states() {
    try (Instance instance = open()) {
      return instance.snapshot("default").backends().stream()
          .map(backend -> backend.name() + " " + backend.state().label())
          .collect(Collectors.joining(", "));
    }
  }

  @Test
  void shouldTakeNamesAndMarksInDecimalAndHex() {
    done("deactivate s1 32 0xff");
    assertEquals("s1 inactive, s2 inactive, s3 inactive, s10 active", states());
    done("activate 0x20 255 s1 s1 1");
    assertEquals("s1 active, s2 active, s3 active, s10 active", states());
  }

  @Test
  void shouldSayHowManySlotsMoved() {
    PoolSnapshot before;
    PoolSnapshot after;
    try (Instance instance = open()) {
      before = instance.snapshot("default");
    }
    String said = done("deactivate s2");
    try (Instance instance = open()) {
      after = instance.snapshot("default");
    }
    int moved = 0;
    for (int slot = 0; slot < 997; slot++) {
      moved += before.table()[slot] == after.table()[slot] ? 0 : 1;
    }
    assertEquals(
        "pool default: s2 is inactive; generation 1, " + moved + " of 997 slots moved\n", said);
  }

  @Test
  void shouldPublishNothingWhenNothingChanges() {
    assertEquals(
        "pool default: s1 s2 were active before; generation 0 stays in force\n",
        done("activate s1 s2"));
  }

  @Test
  void shouldChangeAllOrNone() {
    fails("deactivate s1 s4", "no backend 's4' in pool 'default'", "did you mean");
    fails("deactivate s1 77", "no backend '77'", "backend list --pool default");
    fails("deactivate --pool defualt s1", "no pool 'defualt'", "did you mean 'default'?");
    isMisused("deactivate", "BACKEND");
    isMisused("activate --flush s1", "--flush");
  }

  @Test
  void shouldAskWhichIsMeantWhenANameIsAnotherOnesMark() {
    done("backend add 5,fwmark=6 s5,fwmark=5");
    fails("deactivate 5", "'5' is the name of one backend", "fwmark of 's5'", "name=5", "fwmark=5");
    done("deactivate name=5");
    done("drain fwmark=5");
    assertTrue(states().endsWith("5 inactive, s5 draining"), states());
  }

  @Test
  void shouldNoteThatAnActiveBackendGetsNoFlows() {
    done("deactivate s1 s2");
    done("backend set s1 --health down");
    done("backend set s2 --weight 0");
    String said = done("activate s1 s2");
    assertTrue(said.contains("note: s1 is down and gets no flows"), said);
    assertTrue(said.contains("note: s2 has weight 0 and gets no flows"), said);
  }

  @Test
  void shouldLetNobodyTakeFlows() {
    done("deactivate s1 s2 s3 s10");
    try (Instance instance = open()) {
      PoolSnapshot pool = instance.snapshot("default");
      assertEquals(0, pool.members().stream().mapToInt(PoolSnapshot.Member::slots).sum());
      assertTrue(pool.backends().stream().noneMatch(Backend::takesNewFlows));
    }
    assertTrue(done("show").contains("first slots: - - -"));
  }

  @Test
  void shouldPrintJson() {
    Map<String, Object> said = run("deactivate --json s1 s2").json();
    assertEquals(List.of("s1", "s2"), said.get("changed"));
    assertEquals("inactive", said.get("state"));
    assertEquals(1, said.get("generation"));
    said = run("deactivate --json s1 s3").json();
    assertEquals(List.of("s1"), said.get("unchanged"));
    assertEquals(List.of("s3"), said.get("changed"));
  }
}
