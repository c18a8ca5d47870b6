package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Health;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a pool whose backends are checked. */
@Timeout(60)
class HealthChecksTest {
  @TempDir Path temporary;
  private Bed bed;

  private Bed bed(int backends) {
    bed = Bed.of(temporary, backends);
    return bed;
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private static Peer peer() throws IOException {
    return Peer.tcp(Socket::getInputStream);
  }

  private String[] tcp(String port, String... more) {
    List<String> all = new ArrayList<>(List.of("kind", "tcp", "port", port));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private void change(String backend, AdminState state) {
    bed.instance.updatePool(
        Bed.POOL,
        all ->
            all.stream()
                .map(each -> each.name().equals(backend) ? each.with(state) : each)
                .toList());
    bed.refresh();
  }

  @Test
  void shouldCheckNothingUnlessAskedTo() throws IOException {
    bed(1).refresh();
    assertEquals("none", bed.report("b1").get("last"));
    // Those of tests before may still be ending.
    Bed.await(
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(each -> each.getName().startsWith("health")),
        () -> "there are threads of checks");
  }

  @Test
  void shouldTakeOutWhatDoesNotAnswerAndBringItBack() throws IOException {
    try (Peer peer = peer()) {
      bed(2).check(tcp(peer.port()));
      bed.awaitHealth("b2", Health.DOWN);
      assertEquals(Health.UP, bed.health("b1"));
      assertEquals("refused", bed.report("b2").get("last"));
      try (Peer _ = atPort("127.0.0.2", peer.port())) {
        bed.awaitHealth("b2", Health.UP);
      }
      bed.awaitHealth("b2", Health.DOWN);
      assertEquals(2, bed.count(Counter.WENT_DOWN));
      assertEquals(1, bed.count(Counter.CAME_UP));
    }
  }

  private static Peer atPort(String address, String port) throws IOException {
    return Peer.tcp(
        address, Integer.parseInt(port), ServerSocketFactory.getDefault(), Socket::getInputStream);
  }

  @Test
  void shouldPublishChangesOfOneMomentTogether() throws IOException {
    try (Peer peer = peer()) {
      bed(200).check(tcp(peer.port()));
      Bed.await(
          () ->
              bed.instance.snapshot(Bed.POOL).backends().stream()
                      .filter(each -> each.health() == Health.DOWN)
                      .count()
                  == 199,
          () -> "not all are down");
      // One at a time would be 199.
      assertTrue(bed.count(Counter.GENERATIONS) < 40, bed.count(Counter.GENERATIONS) + " times");
      long generation = bed.instance.snapshot(Bed.POOL).generation();
      bed.awaitChecks(1_000);
      assertEquals(generation, bed.instance.snapshot(Bed.POOL).generation());
    }
  }

  @Test
  void shouldNotLetOneWaitForAnother() throws IOException {
    Peer[] silent = new Peer[1];
    try (Peer peer = Peer.tcp(client -> silent[0].sleep());
        Peer _ = answering("127.0.0.2", peer.port())) {
      silent[0] = peer;
      bed(2).check("kind", "http", "port", peer.port());
      Bed.await(
          () ->
              "ok".equals(bed.report("b2").get("last"))
                  && (long) bed.report("b2").get("checks") > 20,
          () -> "b2: " + bed.report("b2"));
      assertEquals("none", bed.report("b1").get("last"));
    }
  }

  private static Peer answering(String address, String port) throws IOException {
    return Peer.tcp(
        address,
        Integer.parseInt(port),
        ServerSocketFactory.getDefault(),
        Peer.answering("HTTP/1.1 200 OK\r\n\r\n"));
  }

  @Test
  void shouldKeepTheLastInUseWhenNobodyAnswers() throws IOException {
    Peer peer = peer();
    bed(2).check(tcp(peer.port()));
    bed.awaitHealth("b2", Health.DOWN);
    peer.close();
    Bed.await(() -> bed.allDown().equals(List.of(Bed.POOL)), () -> "not all down");
    assertEquals(Health.UP, bed.health("b1"));
    assertEquals("down", bed.report("b1").get("health"));
    assertEquals(true, bed.report("b1").get("kept"));
    // The one that answers first takes over alone.
    try (Peer _ = atPort("127.0.0.2", peer.port())) {
      bed.awaitHealth("b1", Health.DOWN);
      assertEquals(Health.UP, bed.health("b2"));
      Bed.await(() -> bed.allDown().isEmpty(), () -> "still all down");
    }
  }

  @Test
  void shouldUseNoneWhenNobodyAnswersAndSoItIsWished() throws IOException {
    String port = Peer.closedPort();
    bed(2).check(tcp(port, "all-down", "keep"));
    Bed.await(() -> !bed.allDown().isEmpty(), () -> "not all down");
    bed.check(tcp(port, "all-down", "drop"));
    bed.awaitHealth("b1", Health.DOWN);
    bed.awaitHealth("b2", Health.DOWN);
  }

  @Test
  void shouldLetThoseGoThatWereKeptWhenPeopleActivateOneThatAnswers() throws IOException {
    try (Peer peer = atPort("127.0.0.2", Peer.closedPort())) {
      bed(2);
      change("b2", AdminState.INACTIVE);
      bed.check(tcp(peer.port()));
      Bed.await(() -> !bed.allDown().isEmpty(), () -> "not all down");
      change("b2", AdminState.ACTIVE);
      bed.awaitHealth("b1", Health.DOWN);
    }
  }

  @Test
  void shouldGoOnWithWhatADaemonBeforeFoundOut() throws IOException {
    try (Peer peer = peer()) {
      bed(2).check(tcp(peer.port()));
      bed.awaitHealth("b2", Health.DOWN);
      long generation = bed.instance.snapshot(Bed.POOL).generation();
      bed.restart();
      bed.awaitChecks(20);
      assertEquals("down", bed.report("b2").get("health"));
      assertEquals("up", bed.report("b1").get("health"));
      assertEquals(generation, bed.instance.snapshot(Bed.POOL).generation());
      assertEquals(0, bed.count(Counter.WENT_DOWN));
    }
  }

  @Test
  void shouldCountAllAsUpWhenTheyAreCheckedNoLonger() throws IOException {
    try (Peer peer = peer()) {
      bed(2).check(tcp(peer.port()));
      bed.awaitHealth("b2", Health.DOWN);
      bed.end();
      assertEquals(Health.UP, bed.health("b2"));
      Bed.await(() -> bed.report("b2").get("last").equals("none"), () -> "still checked");
      assertEquals(Health.UP, bed.health("b2"));
    }
  }

  @Test
  void shouldGoOnFromWhatPeopleSay() throws IOException {
    try (Peer peer = peer()) {
      bed(1).check(tcp(peer.port(), "interval", "1h"));
      bed.instance.updatePool(
          Bed.POOL, all -> all.stream().map(each -> each.with(Health.DOWN, 100)).toList());
      bed.refresh();
      Bed.await(() -> "down".equals(bed.report("b1").get("health")), () -> "not taken over");
      bed.check(tcp(peer.port()));
      bed.awaitHealth("b1", Health.UP);
    }
  }

  @Test
  void shouldCheckBackendsThatComeAndNotThoseThatGo() throws IOException {
    try (Peer peer = peer()) {
      bed(1).check(tcp(peer.port(), "all-down", "drop")).awaitOutcome(Outcome.OK);
      bed.instance.updatePool(
          Bed.POOL,
          _ -> List.of(Bed.backend("b7", 7, "127.0.0.7"), Bed.backend("b1", 1, "127.0.0.9")));
      bed.refresh();
      bed.awaitHealth("b7", Health.DOWN);
      // It keeps its name and is asked at its new address.
      assertEquals("127.0.0.9", bed.report("b1").get("address"));
      bed.instance.updatePool(Bed.POOL, _ -> List.of());
      bed.refresh();
      Bed.await(() -> bed.report("b7").get("last").equals("none"), () -> "still checked");
      long checks = bed.count(Counter.CHECKS);
      bed.instance.updatePool(Bed.POOL, _ -> List.of(Bed.backend("b1", 1, "127.0.0.1")));
      bed.refresh();
      bed.awaitOutcome(Outcome.OK);
      assertTrue(bed.count(Counter.CHECKS) > checks);
    }
  }

  /** Each share is published once, and nothing of it is left over. */
  @Test
  void shouldGiveOneThatCameBackItsWeightStepByStep() throws IOException {
    try (Peer peer = peer()) {
      bed(2).check(tcp(peer.port(), "slow-start", "1s"));
      bed.awaitHealth("b2", Health.DOWN);
      long down = bed.instance.snapshot(Bed.POOL).generation();
      TreeSet<Integer> seen = new TreeSet<>();
      try (Peer _ = atPort("127.0.0.2", peer.port())) {
        Bed.await(
            () -> {
              Backend b2 = bed.published("b2");
              if (b2.health() == Health.UP) {
                seen.add(b2.ramp());
              }
              return seen.contains(Backend.WHOLE);
            },
            () -> "seen: " + seen);
        assertTrue(seen.size() >= 2 && seen.first() < 50, seen::toString);
        long steps = bed.instance.snapshot(Bed.POOL).generation() - down;
        assertTrue(steps <= 10, () -> steps + " generations");
        assertNotEquals(0, slots("b2"));
        assertEquals(slots("b1"), slots("b2"), 1);
      }
    }
  }

  /** Steps of the one that comes back are published meanwhile. */
  @Test
  void shouldNotOverrulePeopleOfWhomItHasNotHeardYet() throws IOException {
    try (Peer peer = peer()) {
      bed(2).check(tcp(peer.port(), "slow-start", "3s"));
      bed.awaitHealth("b2", Health.DOWN);
      try (Peer _ = atPort("127.0.0.2", peer.port())) {
        bed.awaitHealth("b2", Health.UP);
        bed.check(tcp(peer.port(), "slow-start", "3s", "interval", "50m"));
        Bed.await(() -> "50m".equals(bed.check().get("interval")), () -> "checked as before");
        int before = bed.published("b2").ramp();
        bed.instance.updatePool(
            Bed.POOL,
            all ->
                all.stream()
                    .map(each -> each.name().equals("b1") ? each.with(Health.DOWN, 100) : each)
                    .toList());
        Bed.await(() -> bed.published("b2").ramp() > before, () -> "no step: " + before);
        assertEquals(Health.DOWN, bed.health("b1"));
        bed.refresh();
        Bed.await(() -> "down".equals(bed.report("b1").get("health")), () -> "not taken over");
      }
    }
  }

  private int slots(String backend) {
    return bed.instance.snapshot(Bed.POOL).members().stream()
        .filter(each -> each.backend().name().equals(backend))
        .findFirst()
        .orElseThrow()
        .slots();
  }
}
