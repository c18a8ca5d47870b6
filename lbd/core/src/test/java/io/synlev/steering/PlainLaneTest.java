package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.Reason;
import io.synlev.ffi.GuardPages;
import io.synlev.packet.Captured;
import io.synlev.packet.Errors;
import io.synlev.packet.FlowKey;
import io.synlev.packet.Mutator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deciding in stages says and counts what deciding packet by packet does, whatever the batch. */
class PlainLaneTest {

  private static final int BATCH = 32;

  /** Every flow is asked for, so that no packet takes the lane; none is known. */
  private static final FlowTable ASKED =
      new FlowTable() {
        @Override
        public boolean isAskedAlways() {
          return true;
        }

        @Override
        public int find(FlowKey flow) {
          return NONE;
        }

        @Override
        public void add(FlowKey flow, int mark, int tcpFlags) {
          // Nobody's concern here.
        }

        @Override
        public void commit(long nowNanos) {
          // Nothing was kept.
        }
      };

  @TempDir Path base;
  private final List<GuardPages> memory = new ArrayList<>();
  private final long[] addresses = new long[BATCH];
  private final int[] lengths = new int[BATCH];
  private final Decision[] staged = decisions();
  private final Decision[] single = decisions();
  private final Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);
  private Testbed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new Testbed(base);
    for (int i = 0; i < BATCH; i++) {
      memory.add(new GuardPages(4096));
    }
  }

  @AfterEach
  void close() {
    bed.close();
    memory.forEach(GuardPages::close);
  }

  private static Decision[] decisions() {
    Decision[] decisions = new Decision[BATCH];
    for (int i = 0; i < BATCH; i++) {
      decisions[i] = new Decision();
    }
    return decisions;
  }

  private static String text(Decision decision) {
    return "%s %s mark %x backend %d generation %d service %d hash %x slot %d known %b mac %x"
        .formatted(
            decision.action,
            decision.reason,
            decision.mark,
            decision.backend,
            decision.generation,
            decision.service,
            decision.hash,
            decision.slot,
            decision.nextHop.isKnown,
            decision.nextHop.isKnown ? decision.nextHop.mac : 0);
  }

  /** Worker 0 in stages, worker 1 one by one; counted by both. */
  private void compare(List<byte[]> packets) {
    Steering inStages =
        new Steering(bed.instance, bed.views, 0, SteeringOptions.DEFAULT, FlowTable.EMPTY);
    Steering oneByOne = new Steering(bed.instance, bed.views, 1, SteeringOptions.DEFAULT, ASKED);
    for (int from = 0; from + BATCH <= packets.size(); from += BATCH) {
      for (int i = 0; i < BATCH; i++) {
        byte[] packet = packets.get(from + i);
        addresses[i] = memory.get(i).placeAtEnd(packet);
        lengths[i] = packet.length;
      }
      inStages.decideBatch(addresses, lengths, BATCH, 0, staged);
      oneByOne.decideBatch(addresses, lengths, BATCH, 0, single);
      for (int i = 0; i < BATCH; i++) {
        byte[] packet = packets.get(from + i);
        assertEquals(text(single[i]), text(staged[i]), () -> HexFormat.of().formatHex(packet));
        reasons.merge(staged[i].reason, 1, Integer::sum);
      }
    }
    for (Reason reason : Reason.values()) {
      assertEquals(
          bed.instance.counters(1).get(reason.id()),
          bed.instance.counters(0).get(reason.id()),
          reason.label());
    }
  }

  @Test
  void shouldDecideRandomPacketsForRandomServicesAlike() throws Exception {
    RandomServices random = new RandomServices(77);
    for (int round = 0; round < 12; round++) {
      ServiceMatchingTest.publish(bed, random, 4 * round);
      bed.views.swap(View.compile(bed.instance, 2));
      List<byte[]> packets = new ArrayList<>();
      while (packets.size() < 100 * BATCH) {
        packets.add(random.packet());
      }
      compare(packets);
    }
    for (Reason reason :
        List.of(
            Reason.FORWARDED_TCP,
            Reason.FORWARDED_UDP,
            Reason.SCTP,
            Reason.SCTP_OVER_UDP,
            Reason.NO_BACKEND,
            Reason.NO_SERVICE_FOR_PORT,
            Reason.NO_SERVICE_FOR_SOURCE)) {
      assertTrue(reasons.getOrDefault(reason, 0) > 10, reason + " of " + reasons);
    }
  }

  @Test
  void shouldDecideMutatedPacketsAlike() {
    List<byte[]> originals = new ArrayList<>(Errors.all());
    Captured.all().forEach(packet -> originals.add(packet.bytes()));
    Mutator mutator = new Mutator(new SplittableRandom(78), originals);
    List<byte[]> packets = new ArrayList<>();
    while (packets.size() < 3_000 * BATCH) {
      packets.add(mutator.next());
    }
    compare(packets);
    assertTrue(reasons.size() > 15, "reasons: " + reasons);
  }

  @Test
  void shouldCountForBackendsAlike() {
    List<byte[]> packets = new ArrayList<>();
    for (int port = 0; port < 64 * BATCH; port++) {
      byte[] packet = Captured.named("tcp-syn").bytes().clone();
      packet[20] = (byte) (port >> 8);
      packet[21] = (byte) port;
      packets.add(packet);
    }
    compare(packets);
    assertEquals(2L * packets.size(), bed.packets("web"), "each counted once by each worker");
  }
}
