package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.BalancerTier;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.Sinks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three balancers behind a router: the fragments of a datagram meet at one of them. */
@ExtendWith(Requirements.class)
class TierTest {
  private static final int SERVERS = 4;
  private static final int BALANCERS = 3;
  private static final int FLOWS = 200;
  private static final List<String> ORDERS = List.of("forward", "reversed", "random", "doubled");

  @TempDir Path scratch;

  private Lab lab;
  private BalancerTier tier;
  private Client client;
  private Sinks sinks;
  private final Set<Long> doubled = new HashSet<>();
  private long datagrams;
  private long fragments;

  /** The root of a user namespace may not open it where only root may. */
  @BeforeAll
  static void needTun() {
    boolean mayOpen = Files.isWritable(Path.of("/dev/net/tun"));
    assertTrue(mayOpen || !"true".equals(System.getenv("CI")), "CI=true, but no /dev/net/tun");
    assumeTrue(mayOpen, "needs a /dev/net/tun that we may open");
  }

  private interface Body {
    void run() throws Exception;
  }

  private void inTier(Family family, Body body) throws Exception {
    try (Lab newLab = Lab.up(ReturnMode.DIRECT, SERVERS, "--balancers", "" + BALANCERS);
        BalancerTier newTier = BalancerTier.on(newLab, BALANCERS)) {
      lab = newLab;
      tier = newTier;
      client = new Client(lab, family);
      sinks = Sinks.start(lab, scratch);
      body.run();
      assertEquals(0, tier.lost(), "lost at the queues");
      assertEquals(0, tier.usedUp(), "packets that went round");
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldDeliverEveryDatagramWholeHoweverItsFragmentsAreSpread(Family family) throws Exception {
    inTier(
        family,
        () -> {
          spreadPacketByPacket(family);
          for (String order : ORDERS) {
            send("--size", "4000", "--order", order);
          }
          send("--size", "4000", "--order", "random", "--interleave", "20");
          send("--size", "30000", "--order", "random", "--pps", "100");
          assertAllDelivered();
          assertTrue(tier.count("fragment-held") > 0, "some came before their first one");
          for (String reason : List.of("owned", "handed-over", "from-balancer")) {
            assertTrue(tier.counts("fragment-" + reason).stream().allMatch(n -> n > 0), reason);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void shouldHandOverOnceThoughNoTwoBalancersAgree(Family family) throws Exception {
    inTier(
        family,
        () -> {
          // Each has another owner of everything, and none has itself: what went on would go round.
          tier.owners(1, 2);
          tier.owners(2, 3);
          tier.owners(3, 1);
          tier.balancer(1).magctl("deactivate", "s1").orFail();
          send("--size", "4000", "--order", "random");
          assertAllDelivered();
          assertEquals(fragments, tier.count("fragment-handed-over"), tier::toString);
          assertEquals(0, tier.count("fragment-owned"));
        });
  }

  @ParameterizedTest
  @EnumSource
  void shouldLeaveWholePacketsAloneAndAnInactiveBalancerWithoutFragments(Family family)
      throws Exception {
    inTier(
        family,
        () -> {
          for (int i = 1; i <= BALANCERS; i++) {
            tier.owners(i, 1, 2);
          }
          send("--size", "4000", "--order", "random");
          assertAllDelivered();
          assertTrue(tier.counts("fragment-handed-over").getLast() > 0, "the third got some");
          assertEquals(0, tier.counts("fragment-owned").getLast());
          assertEquals(0, tier.counts("fragment-from-balancer").getLast());

          long handedOver = tier.count("fragment-handed-over");
          sinks = Sinks.start(lab, scratch);
          Json report = client.udp("--count", "1000", "--sources", "100", "--ports", "10");
          assertEquals(1000, report.number("sent"));
          sinks.stopAfter(1000, tier::toString);
          assertTrue(tier.counts("forwarded-udp").stream().allMatch(n -> n > 0), tier::toString);
          assertEquals(handedOver, tier.count("fragment-handed-over"));
        });
  }

  /** A router that sends each packet another way: no real one is worse. */
  private void spreadPacketByPacket(Family family) {
    for (int i = 1; i <= BALANCERS; i++) {
      String next = family.onLink(6, i);
      String ip = family == Family.IPV4 ? "ip -4" : "ip -6";
      router(ip + " rule add fwmark " + i + " lookup " + i);
      router(ip + " route add default via " + next + " table " + i);
      // Those that are left over go the last way; the others were decided before.
      String share = i < BALANCERS ? " -m statistic --mode random --probability 0.4" : "";
      router(
          family.iptables()
              + " -t mangle -A PREROUTING -i client -m mark --mark 0"
              + share
              + " -j MARK --set-mark "
              + i);
    }
  }

  private void router(String command) {
    lab.run(Lab.ECMP, command.split(" ")).orFail();
  }

  private void send(String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--sources", "" + FLOWS / 2, "--ports", "2", "--first", "" + datagrams));
    if (!all.contains("--pps")) {
      all.addAll(List.of("--pps", "500"));
    }
    all.addAll(List.of("--count", "" + FLOWS));
    Json report = client.fragments(all.toArray(String[]::new));
    assertEquals(FLOWS, report.number("sent"), report::toString);
    if (all.contains("doubled")) {
      LongStream.range(datagrams, datagrams + FLOWS).forEach(doubled::add);
    }
    datagrams += FLOWS;
    fragments += report.number("fragments");
  }

  /** All that was sent came, each datagram once and whole; and every fragment was counted once. */
  private void assertAllDelivered() {
    // Held fragments are decided when they come in again.
    List<String> reasons = List.of("fragment-first", "fragment-followed", "fragment-duplicate");
    Await.until(
        "every fragment is decided",
        Duration.ofSeconds(20),
        () -> reasons.stream().mapToLong(tier::count).sum() >= fragments,
        () -> fragments + " were sent; " + tier);
    Sinks.Report report = sinks.stopAfter(datagrams, tier::toString);
    // What was sent twice and spread may be put together twice.
    assertEquals(datagrams - doubled.size(), count(report, false), "each once");
    assertTrue(count(report, true) <= 2L * doubled.size(), "each of these once or twice");
    Map<Long, String> serverOfFlow = new HashMap<>();
    for (Sinks.Datagram datagram : report.datagrams()) {
      String before = serverOfFlow.putIfAbsent(datagram.sequence() % FLOWS, datagram.server());
      assertTrue(before == null || before.equals(datagram.server()), "one server a flow");
    }
    long handedOver = tier.count("fragment-handed-over");
    assertEquals(handedOver, tier.count("fragment-from-balancer"), tier::toString);
    assertEquals(fragments, tier.count("fragment-owned") + handedOver, tier::toString);
    assertEquals(tier.count("fragment-held"), tier.count("fragment-released"), tier::toString);
  }

  private long count(Sinks.Report report, boolean ofDoubled) {
    return report.datagrams().stream()
        .filter(datagram -> doubled.contains(datagram.sequence()) == ofDoubled)
        .count();
  }
}
