package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.OwnFlows;
import io.synlev.datapath.Reason;
import io.synlev.packet.Captured;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;
import io.synlev.packet.Packets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What steering tells a table of flows, and when: nothing that does not stand. */
class OwnFlowsTest {

  @TempDir Path base;
  private Testbed bed;
  private int checks;

  @BeforeEach
  void open() throws Exception {
    bed = new Testbed(base);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  /** Knows one flow, whichever is added, and writes down what it is told. */
  private static final class Flows implements OwnFlows {
    final List<String> told = new ArrayList<>();
    private final FlowKey known = new FlowKey();
    private final FlowKey key = new FlowKey();
    private long number;

    @Override
    public void begin(long nowNanos) {
      told.add("begin");
    }

    @Override
    public long find(FlowKey flow, int hash, int tcpFlags) {
      return known.isSame(flow) ? 1 : UNKNOWN;
    }

    @Override
    public void approach(int[] hashes, int count) {
      // Nothing is far.
    }

    @Override
    public void findAll(FlowBurst flows, int[] hashes, long[] founds, long[] backends) {
      for (int i = 0; i < flows.count; i++) {
        flows.copy(i, key);
        founds[i] = find(key, hashes[i], flows.tcpFlags[i]);
        backends[i] = number;
      }
    }

    @Override
    public long findAnywhere(FlowKey flow, int hash) {
      return known.isSame(flow) ? number : UNKNOWN;
    }

    @Override
    public long backend(long found) {
      return number;
    }

    @Override
    public void touch(long found, long backend, int tcpFlags) {
      told.add("touch");
      number = backend;
    }

    @Override
    public void touchAll(FlowBurst flows, long[] founds, int packets) {
      int touched = 0;
      for (int i = 0; i < flows.count; i++) {
        if (founds[i] != UNKNOWN) {
          told.add("touch");
          touched++;
        }
      }
      assertEquals(packets, touched);
    }

    @Override
    public void renumber(long found, long backend) {
      number = backend;
    }

    @Override
    public void add(FlowKey flow, int hash, int tcpFlags, long backend) {
      told.add("add");
      known.copy(flow);
      number = backend;
    }

    @Override
    public int liveFlows(int identity) {
      return 0;
    }

    @Override
    public void bypass(int packets) {
      told.add("bypass " + packets);
    }

    @Override
    public void end() {
      told.add("end");
    }
  }

  private Steering steering(OwnFlows flows, IntPredicate isStill) {
    Epoch moving =
        new Epoch(bed.instance) {
          @Override
          boolean isStill(long epoch) {
            return isStill.test(++checks) && super.isStill(epoch);
          }
        };
    return new Steering(
        bed.instance,
        bed.views,
        0,
        SteeringOptions.DEFAULT,
        FlowTable.EMPTY,
        flows,
        null,
        moving,
        true);
  }

  /** With the flag the packets are plain, otherwise they have IPv4 options: then one by one. */
  private Decision[] decide(Steering steering, boolean isPlain, int count) {
    byte[] packet = Captured.named("tcp-syn").bytes();
    if (!isPlain) {
      byte[] longer = new byte[packet.length + 4];
      System.arraycopy(packet, 0, longer, 0, 20);
      System.arraycopy(packet, 20, longer, 24, packet.length - 20);
      longer[0] = 0x46;
      longer[3] += 4;
      longer[20] = longer[21] = longer[22] = 1; // no operation, RFC 791
      packet = longer;
    }
    return bed.decideBatch(steering, packet, count);
  }

  @Test
  void shouldTellAboutFlowsOncePerPacketThoughDecidedAgain() {
    for (boolean isPlain : new boolean[] {true, false}) {
      checks = 0;
      Flows flows = new Flows();
      Steering steering =
          steering(
              flows,
              check -> {
                if (check == 1) {
                  bed.instance.updatePool("web", backends -> Testbed.backends(120, 3));
                }
                return check > 1;
              });
      Decision[] first = decide(steering, isPlain, 1);
      assertEquals(List.of("begin", "add", "end"), flows.told);
      assertEquals(Reason.FORWARDED_TCP, first[0].reason);
      flows.told.clear();
      Decision[] second = decide(steering, isPlain, 2);
      assertEquals(List.of("begin", "touch", "touch", "end"), flows.told);
      assertEquals(Reason.FOLLOWED_FLOW, second[1].reason);
      assertEquals(first[0].mark, second[1].mark);
      assertEquals(first[0].backend, second[1].backend);
      bed.instance.updatePool("web", backends -> Testbed.backends(101, 3));
    }
    assertEquals(6, bed.counted(Reason.FORWARDED_TCP) + bed.counted(Reason.FOLLOWED_FLOW));
  }

  @Test
  void shouldTellAboutEachPacketThatStandsByItself() {
    for (boolean isPlain : new boolean[] {true, false}) {
      checks = 0;
      Flows flows = new Flows();
      decide(steering(flows, check -> check > Steering.BATCH_TRIES), isPlain, 3);
      assertEquals(List.of("begin", "add", "touch", "touch", "end"), flows.told);
    }
  }

  @Test
  void shouldSayNothingOfWhatNeverStands() {
    for (boolean isPlain : new boolean[] {true, false}) {
      Flows flows = new Flows();
      Decision[] decisions = decide(steering(flows, check -> false), isPlain, 2);
      assertEquals(Reason.TORN_READ, decisions[1].reason);
      assertEquals(List.of("begin", "end"), flows.told);
    }
  }

  @Test
  void shouldNotTakeAnAbsentBackendForAFlows() {
    Flows flows = new Flows();
    Steering steering = steering(flows, check -> true);
    Decision before = decide(steering, true, 1)[0];
    bed.instance.updatePool(
        "web", backends -> backends.stream().filter(b -> b.fwmark() != before.mark).toList());
    Decision after = decide(steering, true, 1)[0];
    assertTrue(after.mark != before.mark && after.reason == Reason.FORWARDED_TCP);
    assertEquals(List.of("begin", "add", "end", "begin", "add", "end"), flows.told);
  }

  @Test
  void shouldAskNoFlowWhereNoTableHasAny() {
    Flows flows = new Flows();
    Steering steering = steering(flows, check -> true);
    bed.decideBatch(steering, Packets.ipv4(1, "0800000000010001" + "00".repeat(8)), 2);
    assertEquals(List.of("begin", "bypass 2", "end"), flows.told);
  }

  @Test
  void shouldTellAboutAFlowOnceThoughABatchWithoutPlainPacketsFollows() {
    Flows flows = new Flows();
    Steering steering = steering(flows, check -> true);
    decide(steering, true, 1);
    bed.decideBatch(steering, Packets.ipv4(1, "0800000000010001" + "00".repeat(8)), 1);
    assertEquals(List.of("begin", "add", "end", "begin", "bypass 1", "end"), flows.told);
  }
}
