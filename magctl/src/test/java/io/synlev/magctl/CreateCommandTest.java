package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Forwarding;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.PoolSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreateCommandTest extends Sandbox {

  @Test
  void shouldCreateWhatTheOptionsSay() {
    done(
        "create --pool web --slots 997 --capacity 12 --policy modulo --hash addresses -i 0x5 --forwarding ipip"
            + " --mark-mask 0x3fff --backends s1,ipv4=192.0.2.1,ipv6=2001:db8::1,weight=3"
            + " s2,fwmark=0x20,mac=02:00:5e:10:00:01,state=draining,health=down"
            + " --vip 203.0.113.0/24,2001:db8:1::/64");
    try (Instance instance = open()) {
      PoolSnapshot pool = instance.snapshot("web");
      assertEquals(
          new PoolSettings("web", 997, 12, Policy.MODULO, HashOn.ADDRESSES, 5, Forwarding.IPIP),
          pool.settings());
      assertEquals(0x3fff, instance.settings().markMask());
      assertEquals(
          "Backend[name=s1, fwmark=1, weight=3, state=ACTIVE, health=UP, ramp=100, ipv4=/192.0.2.1,"
              + " ipv6=/2001:db8:0:0:0:0:0:1, mac=null, drainUntilSeconds=0]",
          pool.backends().get(0).toString());
      assertEquals(
          "Backend[name=s2, fwmark=32, weight=1, state=DRAINING, health=DOWN, ramp=100, ipv4=null,"
              + " ipv6=null, mac=02:00:5e:10:00:01, drainUntilSeconds=0]",
          pool.backends().get(1).toString());
      assertEquals(
          "[203.0.113.0/24, 2001:db8:1::/64]",
          instance.configuration().services().getFirst().vips().toString());
    }
  }

  // Primes from a printed table, not from the code.
  @ParameterizedTest
  @CsvSource({"7,7", "10,7", "100,97", "1000,997", "65536,65521", "65537,65537"})
  void shouldTakeTheNextPrimeBelowAndSaySo(int wanted, int slots) {
    String said = done("create " + wanted);
    assertEquals(wanted != slots, said.contains("no prime: the table gets"), said);
    try (Instance instance = open()) {
      assertEquals(slots, instance.snapshot("default").settings().slots());
    }
  }

  @Test
  void shouldCreateSoManyBackendsAllActive() {
    String said = done("create --backends 3 --offset 100");
    assertTrue(said.contains("backends 100 101 102\n  fwmarks 100 101 102\n  active  100 101 102"));
  }

  @Test
  void shouldLeaveMarksOfOtherPoolsAlone() {
    done("create --pool a --backends x,fwmark=1 y,fwmark=3");
    done("create --pool b --backends s1 s2 s3,fwmark=2 7");
    try (Instance instance = open()) {
      List<Integer> marks =
          instance.snapshot("b").backends().stream().map(backend -> backend.fwmark()).toList();
      assertEquals(List.of(4, 5, 2, 7), marks);
    }
  }

  @Test
  void shouldUseOnlyMarksWithinTheMask() {
    done("create --mark-mask 0xff00 --backends s1 s2");
    try (Instance instance = open()) {
      List<Integer> marks =
          instance.snapshot("default").backends().stream().map(b -> b.fwmark()).toList();
      assertEquals(List.of(0x100, 0x200), marks);
    }
  }

  @Test
  void shouldTakeTheSeedFromOptionFileOrEnvironment() throws IOException {
    Path file = temp.resolve("seed");
    Files.writeString(file, Run.SEED + "\n");
    done("create --seed " + Run.SEED);
    assertEquals(Run.SEED + "\n", done("show --seed"));
    done("clean");
    done("create --seed-file " + file);
    assertEquals(Run.SEED + "\n", done("show --seed"));
    done("clean");
    Map<String, String> environment =
        Map.of("SYNLEV_STATE_DIR", base().toString(), "SYNLEV_SEED", Run.SEED);
    assertEquals(0, Run.in(environment, "create").code());
    assertEquals(Run.SEED + "\n", done("show --seed"));
  }

  @Test
  void shouldMakeARandomSeedAndSayThatOthersNeedIt() {
    String said = done("create");
    assertTrue(said.contains("seed is random"), said);
    String seed = done("show --seed").strip();
    assertTrue(seed.matches("[0-9a-f]{32}"), seed);
    assertFalse(said.contains(seed));
  }

  @Test
  void shouldNeverShowTheSeedUnasked() {
    String said =
        done("create 100 4 --seed " + Run.SEED)
            + done("show")
            + done("show --json")
            + done("stats");
    assertFalse(said.contains(Run.SEED), said);
    isMisused("create --pool b --seed " + Run.SEED + "00", "--seed", "32 hexadecimal digits");
    Run refused = run("create --pool b --seed " + Run.SEED + "00");
    assertFalse(refused.err().contains(Run.SEED), refused.err());
    Run other = run("create --pool b --seed ffffffffffffffffffffffffffffffff");
    assertFalse(other.err().contains("ffff"), other.err());
  }

  @Test
  void shouldRefuseAnotherSeedOrMaskThanTheInstanceHas() {
    done("create --seed " + Run.SEED);
    fails("create --pool b --seed ffffffffffffffffffffffffffffffff", "another seed", "--instance");
    fails("create --pool b --mark-mask 0xff", "0xffff", "0xff", "leave it out");
    done("create --pool b --mark-mask 0xffff --seed " + Run.SEED);
  }

  @Test
  void shouldRefuseWhatIsTaken() {
    done("create --backends s1 --vip 10.0.0.0");
    fails("create", "pool 'default' exists", "delete it first");
    fails("create --pool b --backends s1,fwmark=1", "fwmark 1", "backend 's1'", "pool 'default'");
    fails("create --pool b --vip 10.0.0.0", "10.0.0.0/32", "service 'default'");
    fails("create --pool b --backends x,fwmark=9 y,fwmark=9", "fwmark 9", "choose another");
    fails("create --pool b --backends x x", "'x'");
  }

  @Test
  void shouldLeaveNothingBehindWhenTheFirstPoolFails() {
    fails("create --backends s1,fwmark=0x10000", "0x10000", "mask 0xffff");
    fails("create --capacity 2 --backends a b c", "room for 2 backends, not for 3");
    fails("create -i 0x10000", "0x10000");
    fails("create --group no-such-group-here", "no-such-group-here");
    assertFalse(Files.exists(directory().path()));
  }

  @Test
  void shouldRefuseValuesThatCannotBe() {
    isMisused("create 6", "6 slots", "choose from 7 to 5000011");
    isMisused("create 5000012", "5000012");
    isMisused("create ten", "ten");
    isMisused("create --policy magic", "'magic' is no policy", "maglev, modulo");
    isMisused("create --hash port", "'port' is no hash", "tuple, addresses, ports");
    isMisused("create --vip 10.0.0.1/24", "10.0.0.1/24", "10.0.0.0/24");
    isMisused("create --vip www.example.com", "www.example.com", "192.0.2.1");
    isMisused("create --backends s1,ipv4=10.1", "'10.1' is no IP address");
    isMisused("create --backends s1,ipv4=2001:db8::1", "other family", "ipv6");
    isMisused("create --backends s1,colour=red", "'colour'", "fwmark, weight");
    isMisused("create --backends s1,up", "'up'", "FIELD=VALUE");
    isMisused("create --backends s1,weight=many", "weight 'many'");
    isMisused("create 100 4 --backends s1", "exclude each other");
    isMisused("create 100 --slots 100", "twice");
    isMisused("create --mark-mask green", "'green'", "0x hex");
    isMisused("create --seed-file /dev/null", "--seed-file /dev/null", "openssl rand -hex 16");
    fails("create --seed-file " + temp.resolve("none"), "cannot read the seed file");
    fails("create --backends s/1", "'s/1' is no backend name");
    fails("create --backends s1,weight=10001", "weight 10001", "0 to 10000");
    fails("create --pool .hidden", "'.hidden' is no pool name");
    fails("create --mark-mask 0", "mark mask 0");
  }

  @Test
  void shouldMakeOnePoolOfBalancers() {
    String create = "create --pool balancers --own-fwmark 902 --backends ";
    String said = done(create + "lb1,fwmark=901 lb2,fwmark=902 lb3,fwmark=903");
    assertTrue(said.contains(", own fwmark 902"), said);
    assertFalse(said.contains("owns no fragment"), said);
    done("create --backends 2");
    fails("create --pool more --own-fwmark 7", "pool 'balancers' has an own fwmark");
  }

  @Test
  void shouldSayThatABalancerWhichIsNotInItsPoolOwnsNothing() {
    String said = done("create --pool balancers --own-fwmark 902 --backends lb1,fwmark=901");
    assertTrue(said.contains("owns no fragment until"), said);
  }

  @Test
  void shouldPrintJson() {
    Map<String, Object> said = Run.in(base(), "create 100 10 -i 5 --json").json();
    assertEquals(97, said.get("slots"));
    assertEquals(100, said.get("wantedSlots"));
    assertEquals(5, said.get("ownFwmark"));
    assertEquals(true, said.get("instanceCreated"));
    List<?> backends = (List<?>) said.get("backends");
    assertEquals(Map.of("name", "10", "fwmark", 10, "state", "inactive"), backends.get(9));
  }
}
