package io.synlev.bpf;

import static io.synlev.packet.FlowKey.IPV4;
import static io.synlev.packet.FlowKey.IPV6;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.packet.IpProtocol;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The second and third packet of a flow on two processors at once, as a client's ACK and its
 * request may come: one moves the flow to the other table while the other one looks for it.
 */
@Timeout(60)
class PromotionRaceTest {

  private static final int MARK = 0x5a;
  private static final int FLOWS = 1000;

  /** Runs of each processor, so that most of them meet whatever the two's start differs by. */
  private static final int RUNS = 100;

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldFindAFlowThatAnotherProcessorMoves(int family) throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = bed.open(bed.options().withFlows(4 * FLOWS, 4 * FLOWS));
          offload.backends().set(MARK, 1);
          int program = offload.program(TcHook.PROGRAM);
          TcFlowTable table = offload.flowTable();
          for (int client = 0; client < FLOWS; client++) {
            TcBed.add(table, Frame.of(family, IpProtocol.TCP, client), MARK);
          }
          AtomicInteger arrived = new AtomicInteger();
          FutureTask<Void> other =
              new FutureTask<>(
                  () -> {
                    run(program, family, arrived);
                    return null;
                  });
          Thread.ofPlatform().daemon().start(other);
          run(program, family, arrived);
          other.get();
          assertEquals(
              Map.of(TcCounter.HIT_MARK, 2L * RUNS * FLOWS, TcCounter.PROMOTED, (long) FLOWS),
              counted(offload));
          assertEquals(FLOWS, offload.flows().count(flow -> !flow.isYoung && flow.mark == MARK));
        });
  }

  /** Packets of one flow after the other, each when the other thread has come to it, too. */
  private static void run(int program, int family, AtomicInteger arrived) throws Exception {
    for (int client = 0; client < FLOWS; client++) {
      byte[] frame = Frame.of(family, IpProtocol.TCP, client).payload(10).bytes();
      arrived.incrementAndGet();
      while (arrived.get() < 2 * (client + 1)) {
        Thread.onSpinWait();
      }
      TestRun.of(program, frame, TestRun.Metadata.NONE, RUNS);
    }
  }

  private static Map<TcCounter, Long> counted(TcOffload offload) throws Exception {
    Map<TcCounter, Long> counted = offload.statistics();
    counted.values().removeIf(value -> value == 0);
    return counted;
  }
}
