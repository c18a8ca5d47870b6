package io.synlev.bpf;

import static io.synlev.packet.FlowKey.IPV4;
import static io.synlev.packet.FlowKey.IPV6;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.packet.IpProtocol;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The flows of a batch, looked up with one system call. */
@Timeout(60)
class QuestionsTest {

  private static final int MARK = 0x5a;
  private static final int OTHER = 7;
  private static final int ETHERNET_BYTES = 14;

  /** Which mark a client's flow was given, by its number: every third one none. */
  private static int markOf(int client) {
    return switch (client % 3) {
      case 0 -> 0;
      case 1 -> MARK;
      default -> OTHER;
    };
  }

  private static Frame frame(int client) {
    int[] protocols = {IpProtocol.TCP, IpProtocol.UDP, IpProtocol.SCTP};
    return Frame.of(client % 2 == 0 ? IPV4 : IPV6, protocols[client / 2 % 3], client);
  }

  @Test
  void shouldAnswerABatchAsOneByOne() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = bed.open(bed.options());
          offload.backends().set(MARK, 1);
          offload.backends().set(OTHER, 2);
          TcFlowTable table = offload.flowTable();
          for (int client = 0; client < 600; client++) {
            if (markOf(client) != 0) {
              TcBed.add(table, frame(client), markOf(client));
            }
            if (client % 5 == 0) { // no longer young
              TestRun.of(offload.program(TcHook.PROGRAM), frame(client).bytes());
            }
          }
          Random random = new Random(4711);
          TcFlowTable alone = offload.flowTable();
          for (int size : new int[] {0, 1, 2, 64, 256}) {
            List<Integer> clients = random.ints(size, 0, 600).boxed().toList();
            expect(table, clients);
            List<Integer> asked = new ArrayList<>(clients);
            asked.add(601); // that nobody expected
            for (int client : asked) {
              int mark = client < 600 ? markOf(client) : 0;
              assertEquals(mark, table.find(frame(client).key()), "client " + client);
              assertEquals(mark, alone.find(frame(client).key()), "alone, client " + client);
            }
            for (int client : asked.reversed()) {
              assertEquals(client < 600 ? markOf(client) : 0, table.find(frame(client).key()));
            }
          }
        });
  }

  @Test
  void shouldNotTakeAnAnswerForMoreThanItIs() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = bed.open(bed.options());
          offload.backends().set(MARK, 1);
          TcFlowTable table = offload.flowTable();
          TcBed.add(table, frame(1), MARK);
          expect(table, List.of(1, 2));
          assertEquals(MARK, table.find(frame(1).key()));
          TcBed.add(table, frame(2), MARK);
          assertEquals(0, table.find(frame(2).key()), "as of when it was asked");
          expect(table, List.of(2));
          assertEquals(MARK, table.find(frame(2).key()));
          offload.backends().remove(MARK);
          assertEquals(0, table.find(frame(2).key()), "its backend is gone by now");
        });
  }

  @Test
  void shouldServeMoreWorkersThanCanAskAtOnce() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = bed.open(bed.options());
          offload.backends().set(MARK, 1);
          TcFlowTable table = offload.flowTable();
          TcBed.add(table, frame(1), MARK);
          for (int worker = 1; worker < Questions.ASKERS + 2; worker++) {
            TcFlowTable another = offload.flowTable();
            expect(another, List.of(1));
            assertEquals(MARK, another.find(frame(1).key()), "worker " + worker);
          }
        });
  }

  private static void expect(TcFlowTable table, List<Integer> clients) {
    try (Arena arena = Arena.ofConfined()) {
      long[] addresses = new long[clients.size()];
      int[] lengths = new int[clients.size()];
      for (int i = 0; i < addresses.length; i++) {
        byte[] bytes = frame(clients.get(i)).bytes();
        MemorySegment packet = arena.allocate(bytes.length);
        MemorySegment.copy(bytes, 0, packet, ValueLayout.JAVA_BYTE, 0, bytes.length);
        addresses[i] = packet.address() + ETHERNET_BYTES;
        lengths[i] = bytes.length - ETHERNET_BYTES;
      }
      table.expect(addresses, lengths, addresses.length);
    }
  }
}
