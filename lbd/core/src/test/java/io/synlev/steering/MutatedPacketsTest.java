package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Reason;
import io.synlev.packet.Captured;
import io.synlev.packet.Errors;
import io.synlev.packet.Mutator;
import io.synlev.packet.Packets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Packets that are almost right, through all of steering. {@code -Dsynlev.mutations=10000000} makes
 * more of them; docs/testing.md.
 */
class MutatedPacketsTest {

  private static final int MUTATIONS = Integer.getInteger("synlev.mutations", 1_000_000);

  /** What no packet of this test can cause: no reason of packets, or another configuration's. */
  private static final Set<Reason> IMPOSSIBLE =
      EnumSet.of(
          Reason.UNDECIDED,
          Reason.FRAGMENT,
          Reason.ICMP_ERROR,
          Reason.CUT_BY_COPY_RANGE,
          Reason.TORN_READ,
          Reason.NO_SERVICE_FOR_PORT,
          Reason.NO_SERVICE_FOR_PROTOCOL,
          Reason.NO_SERVICE_FOR_SOURCE,
          Reason.TOO_MANY_EXTENSION_HEADERS,
          Reason.FRAGMENT_TOO_LONG_TO_HOLD,
          // There is no tier here; FragmentRobustnessTest has one.
          Reason.FRAGMENT_HANDED_OVER,
          Reason.FRAGMENT_FROM_BALANCER,
          Reason.FRAGMENT_OWNED,
          Reason.FRAGMENT_RELEASED,
          Reason.FRAGMENT_RELEASE_FAILED,
          Reason.FRAGMENT_EXPIRED,
          Reason.FRAGMENT_EVICTED,
          Reason.FRAGMENT_ENTRY_EVICTED);

  @TempDir Path base;

  private static List<byte[]> originals() {
    List<byte[]> all = new ArrayList<>(Packets.unusual());
    all.addAll(Errors.all());
    Captured.all().forEach(packet -> all.add(packet.bytes()));
    for (int id = 0; id < 20; id++) {
      all.addAll(Datagram.udp(id % 2 == 0, id, 1000 + id, 200).fragments(48));
      all.addAll(Datagram.udp(true, 100 + id, 1000 + id, 200).behind(0, 60).fragments(104));
    }
    return all;
  }

  @Test
  void shouldDecideEachAsTheModelsSayAndKeepNothing() throws Exception {
    SplittableRandom random = new SplittableRandom(20261120);
    Mutator mutator = new Mutator(random.split(), originals());
    try (SteeringProbe probe = new SteeringProbe(base)) {
      for (int made = 0; made < MUTATIONS; ) {
        List<byte[]> batch = new ArrayList<>();
        for (int left = random.nextInt(1, SteeringProbe.PLACES + 1); left > 0; left--) {
          batch.add(mutator.next());
        }
        made += batch.size();
        probe.decide(batch, random.nextBoolean(), random.nextInt(10) == 0, random.nextInt(200_000));
        if (random.nextInt(1000) == 0) {
          probe.settle();
        }
      }
      probe.settle();
      for (Reason reason : Reason.values()) {
        assertTrue(
            IMPOSSIBLE.contains(reason) || probe.seen(reason) > 0, reason + " never happened");
      }
    }
  }
}
