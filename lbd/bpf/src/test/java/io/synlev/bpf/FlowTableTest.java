package io.synlev.bpf;

import static io.synlev.packet.FlowKey.IPV4;
import static io.synlev.packet.FlowKey.IPV6;
import static io.synlev.packet.IpProtocol.TCP;
import static io.synlev.packet.IpProtocol.UDP;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.FlowTimeouts;
import io.synlev.datapath.InsertionLimit;
import io.synlev.packet.FlowKey;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lbd's side of the tables does: floods, limits, time, walks; with the kernel's maps. */
@Timeout(120)
class FlowTableTest {

  private static final int MARK = 0x5a;
  private static final long SECOND = 1_000_000_000L;

  private static TcOffload open(TcBed bed, TcOptions options) throws Exception {
    TcOffload offload = bed.open(options);
    offload.backends().set(MARK, 1);
    return offload;
  }

  private static TestRun run(TcOffload offload, Frame frame) throws Exception {
    return TestRun.of(offload.program(TcHook.PROGRAM), frame.bytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldKeepEstablishedFlowsInAFloodOfNewOnes(int family) throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed, bed.options());
          TcFlowTable table = offload.flowTable();
          for (int client = 0; client < 1000; client++) {
            TcBed.add(table, Frame.of(family, TCP, client), MARK);
            run(offload, Frame.of(family, TCP, client));
          }
          for (int client = 2000; client < 52_000; client++) {
            table.add(Frame.of(family, TCP, client).key(), MARK, Frame.SYN);
            if (client % 64 == 0) {
              table.commit(System.nanoTime());
            }
          }
          table.commit(System.nanoTime());
          assertEquals(51_000, table.statistics().get("flows-added"));
          assertEquals(1000, offload.flows().count(flow -> !flow.isYoung));
          assertTrue(offload.flows().count(flow -> flow.isYoung) <= 1024);
          for (int client = 0; client < 1000; client++) {
            assertEquals(MARK, run(offload, Frame.of(family, TCP, client)).mark());
          }
        });
  }

  /** More than are written at once, and than a worker may insert in a second. */
  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldSteerFlowsThatWereBroughtFromElsewhere(int family) throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed, bed.options().withInsertions(10));
          try (BroughtFlows brought = offload.bring()) {
            FlowRecord record = new FlowRecord();
            for (int client = 0; client < 1000; client++) {
              record.flow.copy(Frame.of(family, TCP, client).key());
              record.mark = client < 900 ? MARK : MARK + 1;
              brought.add(record);
            }
            assertEquals(900, brought.finish(), "no backend has the other mark");
          }
          assertEquals(900, offload.flows().count(flow -> !flow.isYoung && flow.mark == MARK));
          assertEquals(MARK, run(offload, Frame.of(family, TCP, 899)).mark());
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldEvictTheLongestUnusedWhenTheTableIsFull(int family) throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed, bed.options().withFlows(1024, 1024));
          TcFlowTable table = offload.flowTable();
          Frame busy = Frame.of(family, UDP, 0);
          TcBed.add(table, busy, MARK);
          run(offload, busy);
          for (int client = 1; client < 20_000; client++) {
            Frame frame = Frame.of(family, UDP, client);
            TcBed.add(table, frame, MARK);
            assertEquals(MARK, run(offload, frame).mark());
            assertEquals(MARK, run(offload, busy).mark(), "after client " + client);
          }
          long established = offload.flows().count(flow -> !flow.isYoung);
          assertTrue(established > 512 && established <= 1024, established + " flows");
        });
  }

  @Test
  void shouldHoldNoMoreInsertionsThanAllowed() {
    InsertionLimit limit = new InsertionLimit(1000);
    assertEquals(100, limit.take(256, 5 * SECOND), "a tenth of a second's at once");
    assertEquals(0, limit.take(256, 5 * SECOND));
    assertEquals(1, limit.take(256, 5 * SECOND + 1_000_000));
    assertEquals(50, limit.take(50, 5 * SECOND + 900_000_000));
    assertEquals(50, limit.take(51, 5 * SECOND + 900_000_000));
    InsertionLimit none = new InsertionLimit(0);
    assertEquals(256, none.take(256, 5 * SECOND));
    InsertionLimit earlyClock = new InsertionLimit(10);
    assertEquals(1, earlyClock.take(7, Long.MIN_VALUE + 1));
    assertEquals(0, earlyClock.take(7, Long.MIN_VALUE + 2));
  }

  @Test
  void shouldCountWhatIsOverTheLimit() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed, bed.options().withInsertions(100));
          TcFlowTable table = offload.flowTable();
          for (int client = 0; client < 40; client++) {
            table.add(Frame.of(IPV4, UDP, client).key(), MARK, 0);
          }
          table.commit(System.nanoTime());
          Map<String, Long> counted = table.statistics();
          assertEquals(10, counted.get("flows-added"));
          assertEquals(30, counted.get("flows-over-limit"));
          assertEquals(10, offload.flows().count(flow -> true));
        });
  }

  @ParameterizedTest
  @CsvSource({"4, 6, 20", "6, 6, 20", "4, 17, 40", "6, 17, 40", "4, 132, 50", "6, 132, 50"})
  void shouldForgetIdleFlows(int family, int protocol, int seconds) throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload =
              open(bed, bed.options().withTimeouts(new FlowTimeouts(20, 900, 30, 40, 50)));
          TcFlowTable table = offload.flowTable();
          Frame frame = Frame.of(family, protocol, 1);
          addAt(table, frame, System.nanoTime() - (seconds - 5) * SECOND);
          assertEquals(MARK, table.find(frame.key()));
          assertEquals(MARK, run(offload, frame).mark());
          Frame idle = Frame.of(family, protocol, 2);
          addAt(table, idle, System.nanoTime() - (seconds + 1) * SECOND);
          assertEquals(0, table.find(idle.key()));
          assertEquals(1, offload.flows().count(flow -> true), "the other is dead");
          assertEquals(0, run(offload, idle).mark());
          assertEquals(1, offload.statistics().get(TcCounter.MISS_EXPIRED));
          assertEquals(0, run(offload, idle).mark());
          assertEquals(1, offload.statistics().get(TcCounter.MISS_EXPIRED));
        });
  }

  @Test
  void shouldForgetClosingFlowsSooner() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload =
              open(bed, bed.options().withTimeouts(new FlowTimeouts(120, 900, 30, 40, 50)));
          TcFlowTable table = offload.flowTable();
          Frame frame = Frame.of(IPV4, TCP, 1);
          table.add(frame.key(), MARK, Frame.FIN | Frame.ACK);
          table.commit(System.nanoTime() - 31 * SECOND);
          assertEquals(0, table.find(frame.key()));
          assertEquals(0, run(offload, frame).mark());
        });
  }

  private static void addAt(TcFlowTable table, Frame frame, long nanos) {
    table.add(frame.key(), MARK, Frame.SYN);
    table.commit(nanos);
  }

  @Test
  void shouldListCountAndFlush() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed, bed.options());
          offload.backends().set(7, 7);
          TcFlowTable table = offload.flowTable();
          for (int client = 0; client < 300; client++) {
            TcBed.add(table, Frame.of(IPV4, UDP, client), client % 3 == 0 ? 7 : MARK);
            TcBed.add(table, Frame.of(IPV6, TCP, client), client % 3 == 0 ? 7 : MARK);
            run(offload, Frame.of(IPV4, UDP, client));
          }
          TcFlows flows = offload.flows();
          assertEquals(600, flows.count(flow -> true));
          assertEquals(200, flows.count(flow -> flow.mark == 7));
          assertEquals(300, flows.count(flow -> flow.isYoung && flow.flow.family == IPV6));
          FlowKey wanted = Frame.of(IPV6, TCP, 200).key();
          assertEquals(
              1,
              flows.count(
                  flow ->
                      flow.flow.sourceLow == wanted.sourceLow
                          && flow.flow.sourceHigh == wanted.sourceHigh
                          && flow.flow.ports == wanted.ports));
          assertEquals(200, flows.flush(flow -> flow.mark == 7));
          assertEquals(400, flows.count(flow -> true));
          assertEquals(0, run(offload, Frame.of(IPV4, UDP, 0)).mark());
          assertEquals(MARK, run(offload, Frame.of(IPV4, UDP, 1)).mark());
          assertEquals(400, flows.flush(flow -> true));
          assertEquals(0, flows.flush(flow -> true));
        });
  }

  /** A closed flow is remembered for minutes, but nobody waits for it. */
  @Test
  void shouldCountTheFlowsThatABackendHasLeft() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed, bed.options());
          offload.backends().set(7, 7);
          TcFlowTable table = offload.flowTable();
          for (int client = 0; client < 6; client++) {
            TcBed.add(table, Frame.of(client % 2 == 0 ? IPV4 : IPV6, UDP, client), MARK);
          }
          TcBed.add(table, Frame.of(IPV4, TCP, 1), 7);
          for (int ago : new int[] {1, 10}) {
            table.add(Frame.of(IPV4, TCP, 10 + ago).key(), 7, Frame.FIN | Frame.ACK);
            table.commit(System.nanoTime() - ago * SECOND);
          }
          CarriedFlows carried = offload.flows();
          assertArrayEquals(new long[] {2, 6, 0}, carried.count(7, MARK, 8));
          assertEquals(9, carried.end(MARK, 7));
          assertArrayEquals(new long[] {0, 0}, carried.count(7, MARK));
          assertEquals(0, run(offload, Frame.of(IPV4, TCP, 1)).mark());
        });
  }

  @Test
  void shouldAllocateNothingOnceCompiled() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed, bed.options());
          TcFlowTable table = offload.flowTable();
          List<FlowKey> keys = new ArrayList<>();
          for (int client = 0; client < 64; client++) {
            keys.add(Frame.of(client % 2 == 0 ? IPV4 : IPV6, TCP, client).key());
          }
          ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
          long growth = -1;
          for (int window = 0; window < 10 && growth != 0; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            useBatches(table, keys, 2000);
            growth = threads.getCurrentThreadAllocatedBytes() - before;
          }
          assertEquals(0, growth, "bytes in the last window of 128,000 flows");
        });
  }

  private static void useBatches(TcFlowTable table, List<FlowKey> keys, int batches) {
    for (int batch = 0; batch < batches; batch++) {
      for (int i = 0; i < keys.size(); i++) {
        if (table.find(keys.get(i)) != MARK || batch % 4 == 0) {
          table.add(keys.get(i), MARK, Frame.SYN);
        }
      }
      table.commit(System.nanoTime());
    }
  }
}
