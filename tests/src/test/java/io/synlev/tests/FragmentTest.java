package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.synlev.tests.support.Balancer;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.KernelQueue;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.Shares;
import io.synlev.tests.support.Sinks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Fragments in every order through the real queue, and put together again by the servers. */
@ExtendWith(Requirements.class)
class FragmentTest {
  private static final int SERVERS = 4;
  private static final int FLOWS = 400;
  private static final int QUEUE = 3;

  /**
   * After so many calls the JVM has compiled whatever a first fragment needs, the question to
   * conntrack included (Tier4CompileThreshold is 15,000); uncompiled code makes garbage.
   */
  private static final int UNTIL_COMPILED = 16_000;

  private static final List<String> ORDERS = List.of("forward", "reversed", "random", "doubled");

  @TempDir Path scratch;

  private Lab lab;
  private Daemon daemon;
  private Client client;
  private long sent;

  /** The root of a user namespace may not open it where only root may. */
  @BeforeAll
  static void needTun() {
    boolean mayOpen = Files.isWritable(Path.of("/dev/net/tun"));
    assertTrue(mayOpen || !"true".equals(System.getenv("CI")), "CI=true, but no /dev/net/tun");
    assumeTrue(mayOpen, "needs a /dev/net/tun that we may open");
  }

  static Stream<Arguments> ways() {
    List<Arguments> ways = new ArrayList<>();
    for (ReturnMode mode : List.of(ReturnMode.DIRECT, ReturnMode.ROUTED)) {
      for (Family family : Family.values()) {
        // With SYN_ONLY conntrack is there, which would put fragments together.
        ways.add(
            Arguments.of(
                mode, mode == ReturnMode.ROUTED ? Redirect.SYN_ONLY : Redirect.ALL, family));
      }
    }
    return ways.stream();
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("ways")
  void shouldDeliverEveryDatagramWholeInEveryOrder(
      ReturnMode mode, Redirect redirect, Family family) {
    try (Lab newLab = Lab.up(mode, SERVERS);
        Balancer balancer = Balancer.on(newLab).create()) {
      lab = newLab;
      client = new Client(lab, family);
      // Longer than a loaded machine stands still between two fragments of a datagram.
      daemon =
          balancer.daemon(
              "--queue", "2", "--fragment-queue", "" + QUEUE, "--fragment-life", "5000");
      balancer.install(mode, redirect, "--fragment-queue", "" + QUEUE);
      shouldDeliverAllOrders(family);
      assertEquals(0, daemon.packetsByWorker().getFirst(), "no fragment in the other queue");
      for (String size : List.of("2000", "3000")) {
        shouldAnswerPing(family, size);
      }
      assertEquals(0, KernelQueue.lost(lab));
    }
  }

  private void shouldDeliverAllOrders(Family family) {
    Sinks sinks = Sinks.start(lab, scratch);
    for (String size : List.of("4000", "30000")) {
      for (String order : ORDERS) {
        send("--size", size, "--order", order);
      }
      send("--size", size, "--order", "random", "--interleave", "20");
    }
    if (family == Family.IPV6) {
      send("--size", "4000", "--order", "reversed", "--chain", "2", "--fragment", "1400");
    }
    Sinks.Report report = sinks.stopAfter(sent, this::state);
    assertEquals(sent, report.datagrams().size(), "each once");
    Map<Long, String> serverOfFlow = new HashMap<>();
    for (Sinks.Datagram datagram : report.datagrams()) {
      String server = datagram.server();
      String before = serverOfFlow.putIfAbsent(datagram.sequence() % FLOWS, server);
      assertTrue(before == null || before.equals(server), "one server a flow");
    }
    Shares.assertFair(
        serverOfFlow.values().stream()
            .collect(Collectors.groupingBy(server -> server, Collectors.counting())),
        lab.servers());
    assertTrue(reason("fragment-held") > 100, "some had to wait");
    assertEquals(reason("fragment-held"), reason("fragment-released"));
    assertTrue(reason("fragment-duplicate") > 1000);
    for (String loss : List.of("returned-late", "release-failed", "expired", "evicted")) {
      assertEquals(0, reason("fragment-" + loss), loss);
    }
  }

  private String state() {
    return sent + " sent; " + daemon.stats() + daemon.log();
  }

  private void send(String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--sources", "" + FLOWS / 2, "--ports", "2", "--first", "" + sent));
    // About as many packets a second whatever the size: a loaded machine is not what is tested.
    String rate = all.contains("30000") ? "150" : "600";
    all.addAll(List.of("--count", "" + FLOWS, "--pps", rate));
    sendAsSaid(FLOWS, all);
  }

  private void sendAsSaid(int count, List<String> options) {
    Json report = client.fragments(options.toArray(String[]::new));
    assertEquals(count, report.number("sent"), report::toString);
    sent += count;
  }

  private long reason(String label) {
    return daemon.stats().numbers("reasons").get(label);
  }

  private void shouldAnswerPing(Family family, String size) {
    List<Integer> answered = client.ping(family.source(7), 50, "-s" + size);
    assertTrue(answered.containsAll(IntStream.rangeClosed(1, 50).boxed().toList()), "" + answered);
  }

  @Test
  void shouldServeGoodTrafficDuringAFloodOfHeadlessFragmentsAndAllocateNothing() {
    try (Lab newLab = Lab.up(ReturnMode.DIRECT, SERVERS);
        Balancer balancer = Balancer.on(newLab).create()) {
      lab = newLab;
      client = new Client(lab, Family.IPV4);
      // So few that the flood does not fit, however slowly it comes: 5,000 a second live 200 ms.
      daemon =
          balancer.daemon("--queue", "2", "--fragment-queue", "" + QUEUE, "--fragment-hold", "64");
      balancer.install(ReturnMode.DIRECT, Redirect.ALL, "--fragment-queue", "" + QUEUE);
      Sinks sinks = Sinks.start(lab, scratch);
      sendAsSaid(
          UNTIL_COMPILED,
          List.of("--size", "1500", "--count", "" + UNTIL_COMPILED, "--pps", "2500"));
      List<Long> growths = new ArrayList<>();
      for (int window = 0; window < 8 && !(growths.contains(0L) && window > 2); window++) {
        long before = allocated();
        // Other datagrams than the good ones: their first fragments never come.
        RunningCommand flood = client.startFragments(flood(window));
        send("--size", "4000", "--order", "forward");
        Client.end(flood);
        growths.add(allocated() - before);
      }
      assertTrue(growths.contains(0L), "bytes that the fragment thread allocated: " + growths);
      sinks.stopAfter(sent, this::state);
      assertTrue(reason("fragment-evicted") > 0, "more were early than are held");
      assertEquals(0, KernelQueue.lost(lab));
    }
  }

  private String[] flood(int window) {
    return new String[] {
      "--order",
      "headless",
      "--count",
      "5000",
      "--pps",
      "5000",
      "--size",
      "4000",
      "--first",
      "" + (1_000_000 + window * 5000),
      "--ports",
      "8"
    };
  }

  private long allocated() {
    return daemon.status().objects("queues").getLast().number("allocatedBytes");
  }
}
