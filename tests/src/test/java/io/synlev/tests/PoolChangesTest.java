package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.Pool;
import io.synlev.state.PoolSnapshot;
import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Generations;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.KernelQueue;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.Sinks;
import io.synlev.tests.support.TestBed;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The pool is changed a thousand times while packets pass. */
@ExtendWith(Requirements.class)
class PoolChangesTest {
  private static final String POOL = "default";
  private static final int CHANGES = 1000;
  private static final Set<String> EVEN = Set.of("s1", "s2");
  private static final Set<String> ODD = Set.of("s3", "s4");

  @TempDir Path scratch;

  /**
   * Each change hands all traffic from one half of the servers to the other, and a fifth server is
   * never active. Every datagram carries when it was sent, every sink notes when it came, and the
   * writer notes when each change began and had returned, all on the one monotonic clock of the
   * host. A datagram that no generation in force between its sending and its coming allows is
   * misrouted, with certainty and without any tolerance; and most are sent and received between two
   * changes, so that there is only one half to which they may go.
   */
  @Test
  void shouldLoseAndMisrouteNothing() {
    try (TestBed bed = TestBed.bare(ReturnMode.ROUTED, 5);
        Instance instance = Instance.open(bed.balancer().directory())) {
      Sinks sinks = Sinks.start(bed.lab(), scratch);
      bed.balancer().daemon();
      bed.balancer().install(ReturnMode.ROUTED, Redirect.ALL);
      Generations generations = new Generations();
      publish(instance, generations, EVEN);
      RunningCommand load =
          bed.client(Family.IPV4)
              .startUdp("--sources", "1000", "--pps", "10000", "--seconds", "300");

      for (int change = 1; change <= CHANGES; change++) {
        Set<String> members = change % 2 == 0 ? EVEN : ODD;
        publish(instance, generations, members);
        waitForPackets(instance, members);
      }

      Json sent = Client.stop(load);
      Sinks.Report received = sinks.stop();
      assertEquals(0, KernelQueue.lost(bed.lab()));
      assertEquals(sent.number("sent"), received.datagrams().size(), sent::toString);
      assertEquals(sent.number("sent"), received.distinct());
      int certain = 0;
      for (Sinks.Datagram datagram : received.datagrams()) {
        Set<String> allowed = generations.between(datagram.sentNanos(), datagram.receivedNanos());
        assertTrue(allowed.contains(datagram.server()), () -> datagram + ", not in " + allowed);
        certain += allowed.size() == EVEN.size() ? 1 : 0;
      }
      // Otherwise the assertion above would have had nothing to find.
      assertTrue(certain > sent.number("sent") / 4, certain + " of " + sent);
    }
  }

  @Test
  void shouldKeepEstablishedConnectionsWhereTheyAre() {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 5);
        Instance instance = Instance.open(bed.balancer().directory())) {
      bed.balancer().daemon();
      bed.balancer().install(ReturnMode.ROUTED, Redirect.SYN_ONLY);
      Client client = bed.client(Family.IPV6);
      RunningCommand held = client.hold(300, "--interval", "0.1");
      RunningCommand newcomers =
          client.startTcp("--count", "100000000", "--rate", "1000", "--timeout", "20");
      Generations generations = new Generations();
      for (int change = 1; change <= CHANGES; change++) {
        publish(instance, generations, change % 2 == 0 ? EVEN : ODD);
      }
      Json arrivals = Client.stop(newcomers);
      assertEquals(0, arrivals.number("failed"), arrivals::toString);
      Json fates = Client.stop(held);
      assertEquals(300, fates.number("open"), fates::toString);
      assertEquals(0, fates.number("broken"), fates::toString);
      assertEquals(0, fates.number("changed"), fates::toString);
      assertTrue(fates.number("answers") > 300, fates::toString);
    }
  }

  private static void publish(Instance instance, Generations generations, Set<String> members) {
    long began = System.nanoTime();
    instance.updatePool(
        POOL, backends -> backends.stream().map(each -> in(each, members)).toList());
    generations.add(began, System.nanoTime(), members);
  }

  private static Backend in(Backend backend, Set<String> members) {
    return backend.with(members.contains(backend.name()) ? AdminState.ACTIVE : AdminState.INACTIVE);
  }

  /** Until the generation has served 20 packets: then it was in force, and not for an instant. */
  private static void waitForPackets(Instance instance, Set<String> members) {
    Pool pool = instance.pool(POOL);
    List<Integer> indices =
        instance.snapshot(POOL).members().stream()
            .filter(member -> members.contains(member.backend().name()))
            .map(PoolSnapshot.Member::index)
            .toList();
    long before = packets(pool, indices);
    Await.until("packets for " + members, () -> packets(pool, indices) - before >= 20);
  }

  private static long packets(Pool pool, List<Integer> indices) {
    return indices.stream().mapToLong(pool::packets).sum();
  }
}
