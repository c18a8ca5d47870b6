package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BackendCommandsTest extends Sandbox {
  @BeforeEach
  void create() {
    done("create 997 --capacity 5 --backends s1 s2 --seed " + Run.SEED);
  }

  private Backend backend(String name) {
    try (Instance instance = open()) {
      return instance.snapshot("default").backends().stream()
          .filter(backend -> backend.name().equals(name))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void shouldAddOneByOptionsAndSeveralByWords() {
    done("backend add s3 --fwmark 0x1F --weight 2 --ipv4 192.0.2.3 --mac 02:00:00:00:00:03");
    done("backend add s4,ipv6=2001:db8::4 s5,weight=4 --state inactive --weight 3");
    assertEquals(
        "Backend[name=s3, fwmark=31, weight=2, state=ACTIVE, health=UP, ramp=100, ipv4=/192.0.2.3, ipv6=null,"
            + " mac=02:00:00:00:00:03, drainUntilSeconds=0]",
        backend("s3").toString());
    assertEquals(
        "Backend[name=s4, fwmark=3, weight=3, state=INACTIVE, health=UP, ramp=100, ipv4=null,"
            + " ipv6=/2001:db8:0:0:0:0:0:4, mac=null, drainUntilSeconds=0]",
        backend("s4").toString());
    assertEquals(4, backend("s5").weight());
  }

  @Test
  void shouldGiveTheLowestFreeMark() {
    assertTrue(
        done("backend add a 10 b").contains("added a (fwmark 3) 10 (fwmark 10) b (fwmark 4)"));
  }

  @Test
  void shouldKeepWhatIsNotSaid() {
    done("backend set s1 --ipv4 192.0.2.1 --ipv6 2001:db8::1 --weight 7");
    done("backend set 1 --weight 8");
    assertEquals("192.0.2.1", backend("s1").ipv4().getHostAddress());
    assertEquals(8, backend("s1").weight());
    done("backend set s1 --ipv4 none --fwmark 99 --state draining --health down");
    assertNull(backend("s1").ipv4());
    assertEquals(99, backend("s1").fwmark());
    assertEquals(8, backend("s1").weight());
  }

  @Test
  void shouldSetSeveralAtOnce() {
    done("backend set s1 2 --weight 3");
    assertEquals(3, backend("s1").weight());
    assertEquals(3, backend("s2").weight());
  }

  @Test
  void shouldRemoveAndLeaveTheOthersInTheirPlaces() {
    done("backend add s3");
    done("backend remove 1 s2");
    try (Instance instance = open()) {
      List<PoolSnapshot.Member> members = instance.snapshot("default").members();
      assertEquals(1, members.size());
      assertEquals(2, members.getFirst().index());
      assertEquals(997, members.getFirst().slots());
    }
  }

  @Test
  void shouldGiveSlotsByWeight() {
    done("backend set s1 --weight 3");
    try (Instance instance = open()) {
      List<PoolSnapshot.Member> members = instance.snapshot("default").members();
      // 3 : 1 of 997, give or take the turn that is cut off by the end.
      assertEquals(748, members.get(0).slots(), 3);
    }
  }

  @Test
  void shouldRefuseWhatIsTakenFullOrUnknown() {
    fails("backend add s1", "'s1' already", "backend set");
    fails("backend add s3 --fwmark 1", "fwmark 1", "choose another");
    fails("backend add a b c d", "room for 5 backends, not for 6");
    fails("backend add s3 --fwmark 0x10000", "0x10000", "mark mask 0xffff");
    fails("backend add s3,fwmark=0", "fwmark 0");
    fails("backend set s9 --weight 1", "'s9'", "did you mean");
    fails("backend set s1 --weight 10001", "10001", "0 to 10000");
    fails("backend set s1 --fwmark 2", "fwmark 2");
    fails("backend remove s1 s7", "'s7'");
    fails("backend list --pool web", "no pool 'web'");
    isMisused("backend add a b --ipv4 192.0.2.1", "one backend", "s1,ipv4=192.0.2.1");
    isMisused("backend set s1 s2 --mac 02:00:00:00:00:01", "one backend", "2 are named");
    isMisused("backend set s1", "nothing to change", "--weight 2");
    isMisused("backend set s1 --ipv6 192.0.2.1", "other family", "ipv4");
    isMisused("backend set s1 --state asleep", "'asleep' is no state", "draining");
    isMisused("backend set s1 --mac 1:2:3", "'1:2:3' is no MAC address");
    isMisused("backend add", "SPEC");
  }

  @Test
  void shouldListThem() {
    done("backend set s2 --ipv4 192.0.2.2 --ipv6 2001:db8::2 --state inactive");
    String[] lines = done("backend list").split("\n");
    assertEquals(3, lines.length);
    assertTrue(lines[1].matches(" +s1 +1 +1 +active +up +997 +100\\.0 % +█{20}"), lines[1]);
    assertTrue(
        lines[2].matches(" +s2 +2 +1 +inactive +up +192\\.0\\.2\\.2 2001:db8::2 +0 +0\\.0 %"),
        lines[2]);
    Map<String, Object> json = run("backend list --json").json();
    Map<?, ?> second = (Map<?, ?>) ((List<?>) json.get("backends")).get(1);
    assertEquals("2001:db8::2", second.get("ipv6"));
    assertEquals("inactive", second.get("state"));
    assertEquals(0.0, second.get("share"));
    assertTrue(second.containsKey("mac"));
    assertNull(second.get("mac"));
  }

  @Test
  void shouldPrintJsonOfChanges() {
    Map<String, Object> said = run("backend add s3 --json").json();
    assertEquals(List.of(Map.of("name", "s3", "fwmark", 3)), said.get("added"));
    assertEquals(1, said.get("generation"));
    assertEquals(2, run("backend set s3 --weight 4 --json").json().get("generation"));
    assertEquals(
        List.of(Map.of("name", "s3", "fwmark", 3)),
        run("backend remove s3 --json").json().get("removed"));
  }
}
