package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShowCommandTest extends Sandbox {

  @Test
  void shouldPrintRecordsForScripts() {
    done("create 97 --mark-mask 0x3fff --backends s1,ipv4=192.0.2.1,ipv6=2001:db8::1 s2,weight=5");
    done("create 97 --pool tier -i 7 --backends x,state=draining,health=down --vip 10.0.0.0,::/0");
    assertEquals(
        """
        instance\tdefault\t0x3fff
        pool\tdefault\t0
        backend\tdefault\ts1\t1\t1\tactive\tup\t192.0.2.1\t2001:db8::1
        backend\tdefault\ts2\t2\t5\tactive\tup\t-\t-
        pool\ttier\t7
        backend\ttier\tx\t3\t1\tdraining\tdown\t-\t-
        service\ttier\ttier\t10.0.0.0/32,::/0\t0\tall\t-\t-\t-\t-\t-\tdefault\techo\t0
        """,
        done("show --plain"));
  }

  @Test
  void shouldShowOnlyThePoolsThatWereNamed() {
    done("create 7 --pool a --vip 10.0.0.1");
    done("create 7 --pool b --vip 10.0.0.2");
    String said = done("show b");
    assertFalse(said.contains("pool a"), said);
    assertTrue(said.contains("\npool b"), said);
    assertTrue(said.contains("service b -> pool b: 10.0.0.2/32"), said);
    fails("show b aa", "no pool 'aa'", "did you mean 'a'?", "There are a, b");
  }

  @Test
  void shouldPrintJson() {
    done("create 97 4 -i 5 --vip 10.0.0.0");
    Map<String, Object> said = run("show --json --first 5").json();
    assertEquals(0xffff, said.get("markMask"));
    assertTrue(said.containsKey("daemon"));
    assertNull(said.get("daemon"));
    Map<?, ?> pool = (Map<?, ?>) ((List<?>) said.get("pools")).getFirst();
    assertEquals(97, pool.get("slots"));
    assertEquals(5, pool.get("ownFwmark"));
    assertEquals(5, ((List<?>) pool.get("firstSlots")).size());
    double shares = 0;
    int slots = 0;
    for (Object backend : (List<?>) pool.get("backends")) {
      shares += (double) ((Map<?, ?>) backend).get("share");
      slots += (int) ((Map<?, ?>) backend).get("slots");
    }
    assertEquals(1.0, shares, 1e-9);
    assertEquals(97, slots);
    assertEquals(
        List.of(ServiceCommandsTest.plainService("default", "default", "10.0.0.0/32")),
        said.get("services"));
  }

  @Test
  void shouldSayWhoServesIt() {
    done("create 7");
    try (Instance instance = open()) {
      instance.claim(DaemonRecord.ofThisProcess(0, 3));
      long pid = ProcessHandle.current().pid();
      assertTrue(done("show").contains("served by lbd with pid " + pid + " on queues 0:3"));
      Map<?, ?> daemon = (Map<?, ?>) run("show --json").json().get("daemon");
      assertEquals(3, daemon.get("lastQueue"));
    }
  }

  @Test
  void shouldSayWhichInstancesExist() {
    fails("show", "no instance 'default' in " + base(), "nor any other", "magctl create");
    done("create 7 --instance east");
    done("create 7 --instance west");
    Run run = run("show");
    assertTrue(run.err().contains("There are east, west: name one with --instance"), run.err());
    assertTrue(run("show --instance eats").err().contains("did you mean 'east'?"));
    assertTrue(done("show --instance west").startsWith("instance west"));
    assertTrue(done("--instance west show").startsWith("instance west"));
    Map<String, String> environment =
        Map.of("SYNLEV_STATE_DIR", base().toString(), "SYNLEV_INSTANCE", "east");
    assertTrue(Run.in(environment, "show").out().startsWith("instance east"));
  }

  @Test
  void shouldShowHowManySlotsItWasAskedFor() {
    done("create 97 --backends only");
    assertTrue(done("show --first 3").contains("first slots: only only only ...\n"));
    assertFalse(done("show --first 0").contains("first slots"));
    assertFalse(done("show --first 500").contains("..."));
    isMisused("show --plain --json", "--plain and --json");
  }

  @Test
  void shouldExplainEmptyInstances() {
    done("create 7");
    assertTrue(done("show").contains("no backends: 'magctl backend add' adds one"));
    done("delete default");
    assertTrue(done("show").contains("no pools: 'magctl create' makes one"));
  }

  @Test
  void shouldColourOnlyForPeopleAndDrawInAsciiWhereThereIsNoUnicode() {
    done("create 7 --backends s1 s2,state=inactive");
    assertFalse(done("show").contains("\u001b["));
    String coloured = printed(true, true);
    assertTrue(coloured.contains("\u001b[32mactive\u001b[0m"), coloured);
    // Colours take no columns: without them the tables are equal.
    assertEquals(done("show"), coloured.replaceAll("\u001b\\[[0-9]+m", ""));
    String ascii = printed(false, false);
    assertTrue(ascii.contains("#".repeat(20)), ascii);
    assertTrue(ascii.chars().allMatch(c -> c < 128));
  }

  private String printed(boolean colours, boolean unicode) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Console console = new Console(out, new ByteArrayOutputStream(), colours, unicode, false);
    Map<String, String> environment = Map.of("SYNLEV_STATE_DIR", base().toString());
    assertEquals(0, Magctl.run(new String[] {"show"}, console, environment));
    return out.toString(StandardCharsets.UTF_8);
  }
}
