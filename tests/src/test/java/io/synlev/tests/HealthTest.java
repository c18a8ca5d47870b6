package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.HealthView;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.Servers;
import io.synlev.tests.support.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Health checks by the way that clients' packets take, of servers that die and come back. */
@ExtendWith(Requirements.class)
class HealthTest {
  private static final int SERVERS = 3;
  private static final String PORT = Integer.toString(Servers.PORT);

  private final Map<String, RunningCommand> servers = new HashMap<>();
  private TestBed bed;
  private Daemon daemon;
  private HealthView health;

  private void begin(ReturnMode mode, Family family, String... check) {
    bed.lab().servers().forEach(this::serve);
    daemon = bed.balancer().daemon();
    health = new HealthView(bed.balancer());
    check(mode, family, check);
    bed.balancer().install(mode, redirect(mode));
  }

  private static Redirect redirect(ReturnMode mode) {
    return mode == ReturnMode.DIRECT ? Redirect.ALL : Redirect.SYN_ONLY;
  }

  /** With dnat a server has no VIP that could be asked, and its own address is what clients get. */
  private void check(ReturnMode mode, Family family, String... more) {
    health.set(List.of("--interval", "100ms", "--timeout", "100ms", "--back-off", "0"), more);
    if (mode == ReturnMode.DNAT) {
      health.set(List.of("--via", "direct"));
    } else {
      health.set(List.of("--vip", family.vip()));
    }
  }

  /** Before the rules were there, none had a route: those that came back first were used alone. */
  private void awaitAllUp() {
    for (String each : bed.lab().servers()) {
      health.await(each, "up", "ok");
      health.awaitPublished(each, "up");
    }
  }

  private void serve(String node) {
    servers.put(node, bed.lab().start(node, Lab.peer("whoserver"), "--out", "/dev/null"));
  }

  private void kill(String node) {
    servers.get(node).kill();
    servers.get(node).waitFor();
  }

  private Json connect(Family family) {
    return bed.client(family).tcp("--count", "200", "--timeout", "20");
  }

  @ParameterizedTest
  @CsvSource({"DIRECT, IPV4", "DIRECT, IPV6", "ROUTED, IPV4", "ROUTED, IPV6", "DNAT, IPV4"})
  void shouldGiveAKilledServerNoFlowsUntilItIsBack(ReturnMode mode, Family family) {
    bed = TestBed.bare(mode, SERVERS);
    try (TestBed _ = bed) {
      begin(mode, family, "tcp", "--port", PORT);
      awaitAllUp();

      kill("s2");
      health.awaitPublished("s2", "down");
      assertEquals("refused", health.of("s2").text("last"));
      Json without = connect(family);
      assertEquals(0, without.number("failed"), without::toString);
      assertFalse(without.numbers("servers").containsKey("s2"), without::toString);

      serve("s2");
      health.awaitPublished("s2", "up");
      Json with = connect(family);
      assertEquals(0, with.number("failed"), with::toString);
      assertTrue(with.numbers("servers").containsKey("s2"), with::toString);
    }
  }

  /** It neither answers nor refuses, as a machine does that was cut off. */
  @Test
  void shouldTakeOutAServerThatFallsSilentAndNotForALostProbe() {
    bed = TestBed.bare(ReturnMode.DIRECT, SERVERS);
    try (TestBed _ = bed) {
      begin(ReturnMode.DIRECT, Family.IPV4, "tcp", "--port", PORT);
      awaitAllUp();
      long generation = health.generation();
      String[] everySecond = {"-m", "statistic", "--mode", "nth", "--every", "2", "--packet", "0"};
      drop("-A", everySecond);
      Await.until("many are lost, none in a row", () -> health.of("s1").number("bad") >= 10);
      assertEquals("up", health.of("s1").text("health"));
      assertEquals(generation, health.generation());
      drop("-D", everySecond);

      drop("-A");
      health.awaitPublished("s1", "down");
      assertEquals("timeout", health.of("s1").text("last"));
      drop("-D");
      health.awaitPublished("s1", "up");
    }
  }

  private void drop(String how, String... match) {
    java.util.List<String> rule = new java.util.ArrayList<>(List.of("iptables", how, "INPUT"));
    rule.addAll(List.of("-p", "tcp", "--syn"));
    rule.addAll(List.of(match));
    rule.addAll(List.of("-j", "DROP"));
    bed.lab().run("s1", rule.toArray(String[]::new)).orFail();
  }

  @Test
  void shouldKeepTheLastServersWhenAllAreDeadAndKnowItAfterARestart() {
    bed = TestBed.bare(ReturnMode.DIRECT, SERVERS);
    try (TestBed _ = bed) {
      begin(ReturnMode.DIRECT, Family.IPV4, "tcp", "--port", PORT);
      awaitAllUp();
      kill("s1");
      health.awaitPublished("s1", "down");
      long generation = health.generation();
      daemon.stop();
      daemon = bed.balancer().daemon();
      Await.until("it is asked again", () -> health.of("s1").number("checks") > 5);
      assertEquals("down", health.of("s1").text("health"));
      assertEquals("up", health.of("s2").text("health"));
      assertEquals(generation, health.generation());

      kill("s2");
      kill("s3");
      Await.until("all are down", () -> !health.kept().isEmpty());
      assertFalse(health.kept().contains("s1"), () -> "kept: " + health.kept());
      health.kept().forEach(each -> assertEquals("up", health.published(each)));
      assertEquals(List.of("default"), daemon.status().fields().get("allDown"));
      serve("s1");
      health.awaitPublished("s1", "up");
      Await.until("nobody is kept", () -> health.kept().isEmpty());
      assertEquals("down", health.published("s2"));
      assertEquals("down", health.published("s3"));
    }
  }

  /** With routed return own ICMP to a VIP goes through the queue: not what has a mark already. */
  @ParameterizedTest
  @EnumSource(Family.class)
  void shouldPingEachServerByItsMark(Family family) {
    bed = TestBed.bare(ReturnMode.ROUTED, SERVERS);
    try (TestBed _ = bed) {
      begin(ReturnMode.ROUTED, family, "icmp");
      awaitAllUp();
      assertEquals(
          java.util.Set.copyOf(bed.lab().servers()),
          Servers.echoesSeen(bed.lab(), family).keySet());
    }
  }

  @Test
  void shouldSayThatAMarkLeadsNowhere() {
    bed = TestBed.bare(ReturnMode.DIRECT, SERVERS);
    try (TestBed _ = bed) {
      begin(ReturnMode.DIRECT, Family.IPV4, "tcp", "--port", PORT);
      awaitAllUp();
      bed.balancer().rules("remove").orFail();
      Await.until("no route", () -> health.of("s1").text("last").equals("no-route"));
      bed.balancer().install(ReturnMode.DIRECT, Redirect.ALL);
      health.await("s1", "up", "ok");
      bed.lab().run(Lab.LB, "ip", "address", "add", Family.IPV4.vipPrefix(), "dev", "lo").orFail();
      Await.until("local", () -> health.of("s1").text("last").equals("local-vip"));
    }
  }

  @Test
  void shouldRunNoCommandThatOthersCanChange() throws IOException {
    Path file = Files.createTempFile(Path.of("/tmp"), "synlev-check-", ".sh");
    bed = TestBed.bare(ReturnMode.DIRECT, 1);
    try (TestBed _ = bed) {
      Path ran = file.resolveSibling(file.getFileName() + ".ran");
      Files.writeString(file, "#!/bin/sh\n>" + ran + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
      begin(ReturnMode.DNAT, Family.IPV4, "command", "--command", file.toString());
      Await.until("refused", () -> health.of("s1").number("checks") > 5);
      assertEquals("command-refused", health.of("s1").text("last"));
      assertEquals("up", health.published("s1"));
      assertTrue(daemon.log().contains(file + " can be written by others"), daemon::log);
      assertFalse(Files.exists(ran));
    } finally {
      Files.delete(file);
    }
  }
}
