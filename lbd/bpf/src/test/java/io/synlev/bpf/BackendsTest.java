package io.synlev.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Epochs: whose flows are stale after which change. */
@Timeout(60)
class BackendsTest {

  private static final Frame FRAME = Frame.of(FlowKey.IPV4, IpProtocol.UDP, 1);

  private static TestRun run(TcOffload offload) throws Exception {
    return TestRun.of(offload.program(TcHook.PROGRAM), FRAME.bytes());
  }

  @Test
  void shouldKeepFlowsOfTheSameBackendOnly() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = bed.open(bed.options());
          TcFlowTable table = offload.flowTable();
          offload.backends().set(5, 100);
          TcBed.add(table, FRAME, 5);
          assertEquals(5, run(offload).mark());
          offload.backends().set(5, 100);
          offload.backends().set(6, 101);
          offload.backends().remove(6);
          assertEquals(5, run(offload).mark());
          offload.backends().set(5, 102); // another backend has the mark now
          assertEquals(0, table.find(FRAME.key()));
          assertEquals(0, run(offload).mark());
          TcBed.add(table, FRAME, 5);
          assertEquals(5, run(offload).mark());
          offload.backends().remove(5);
          offload.backends().set(5, 102);
          assertEquals(0, run(offload).mark(), "it was gone in between");
        });
  }

  @Test
  void shouldNotReviveFlowsWhenASlotIsUsedAgain() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = bed.open(bed.options().withBackends(1));
          TcFlowTable table = offload.flowTable();
          offload.backends().set(5, 1);
          TcBed.add(table, FRAME, 5);
          assertEquals(5, run(offload).mark());
          for (int mark = 6; mark < 50; mark++) {
            offload.backends().remove(mark - 1);
            offload.backends().set(mark, 1);
            assertEquals(0, table.find(FRAME.key()));
          }
          assertEquals(0, run(offload).mark());
        });
  }

  @Test
  void shouldNotAddFlowsOfABackendThatIsNotThere() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = bed.open(bed.options());
          TcFlowTable table = offload.flowTable();
          TcBed.add(table, FRAME, 9);
          assertEquals(0, table.find(FRAME.key()));
          assertEquals(1, table.statistics().get("flows-without-backend"));
          assertEquals(0, offload.flows().count(flow -> true));
        });
  }

  @Test
  void shouldRefuseMarksOutsideTheMaskAndTooManyBackends() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = bed.open(bed.options().withBackends(2));
          Backends backends = offload.backends();
          assertThrows(IllegalArgumentException.class, () -> backends.set(0x10000, 1));
          assertThrows(IllegalArgumentException.class, () -> backends.set(0, 1));
          backends.set(1, 1);
          backends.set(2, 2);
          String message =
              assertThrows(IllegalStateException.class, () -> backends.set(3, 3)).getMessage();
          assertTrue(message.contains("2 backends"), message);
          backends.retain(Set.of(2, 3));
          backends.set(3, 3);
          assertEquals(Set.of(2, 3), backends.marks());
          TcFlowTable table = offload.flowTable();
          TcBed.add(table, FRAME, 3);
          backends.setAll(Map.of(3, 3L, 7, 7L));
          assertEquals(Set.of(3, 7), backends.marks());
          assertEquals(3, table.find(FRAME.key()));
          backends.setAll(Map.of(3, 4L));
          assertEquals(0, table.find(FRAME.key()));
        });
  }
}
