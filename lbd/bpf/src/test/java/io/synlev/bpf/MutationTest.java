package io.synlev.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.packet.FlowKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Packets with random damage through the kernel's program and through a model of its rules. */
@Timeout(120)
class MutationTest {

  private static final int MARK = 0x5a;
  private static final int PACKETS = 40_000;
  private static final long SEED = 20261120;

  @Test
  void shouldTreatDamagedPacketsAsTheModelDoes() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = bed.open(bed.options());
          offload.backends().set(MARK, 1);
          TcFlowTable table = offload.flowTable();
          int program = offload.program(TcHook.PROGRAM);
          RulesModel model = new RulesModel();
          List<byte[]> whole = new ArrayList<>();
          for (int family : new int[] {FlowKey.IPV4, FlowKey.IPV6}) {
            for (int protocol : new int[] {6, 17, 132}) {
              for (int client = 0; client < 8; client++) {
                Frame frame = Frame.of(family, protocol, client).payload(client);
                whole.add(frame.bytes());
                TcBed.add(table, frame, MARK);
                TestRun.of(program, frame.bytes()); // the second packet
                model.learn(frame.bytes());
              }
            }
          }
          Map<TcCounter, Integer> seen = new EnumMap<>(TcCounter.class);
          Random random = new Random(SEED);
          Map<TcCounter, Long> before = offload.statistics();
          for (int i = 0; i < PACKETS; i++) {
            byte[] frame = damaged(whole.get(random.nextInt(whole.size())), random);
            if (isRefused(frame)) {
              continue;
            }
            Optional<TcCounter> expected = model.count(frame);
            TestRun run = TestRun.of(program, frame, TestRun.Metadata.mark(0x70000));
            String what = "packet " + i + ": " + HexFormat.of().formatHex(frame);
            Map<TcCounter, Long> counted = TcBed.growth(offload, before);
            assertEquals(expected.map(c -> Map.of(c, 1L)).orElse(Map.of()), counted, what);
            boolean isHit = expected.equals(Optional.of(TcCounter.HIT_MARK));
            assertEquals(isHit ? 0x70000 | MARK : 0x70000, run.mark(), what);
            assertEquals(TestRun.TC_ACT_UNSPEC, run.action(), what);
            assertArrayEquals(frame, run.frame(), what);
            counted.forEach((counter, count) -> before.merge(counter, count, Long::sum));
            expected.ifPresent(counter -> seen.merge(counter, 1, Integer::sum));
          }
          for (TcCounter counter :
              List.of(
                  TcCounter.HIT_MARK,
                  TcCounter.MISS_UNKNOWN,
                  TcCounter.MISS_REOPENED,
                  TcCounter.MISS_FRAGMENT,
                  TcCounter.MISS_OPTIONS,
                  TcCounter.MISS_HOPS,
                  TcCounter.MISS_PROTOCOL,
                  TcCounter.MISS_MALFORMED)) {
            assertTrue(seen.getOrDefault(counter, 0) > 0, counter + " never came: " + seen);
          }
        });
  }

  /** BPF_PROG_TEST_RUN takes no frame that ends within its IP header; the stack may get one. */
  private static boolean isRefused(byte[] frame) {
    boolean isIpv6 = frame[12] == (byte) 0x86 && frame[13] == (byte) 0xdd;
    return frame.length < 14 + (isIpv6 ? 40 : 20);
  }

  private static byte[] damaged(byte[] whole, Random random) {
    byte[] frame = whole.clone();
    int headers = Math.min(frame.length, 14 + 40 + 20);
    for (int n = random.nextInt(3); n > 0; n--) {
      int at = 12 + random.nextInt(headers - 12);
      frame[at] =
          (byte) (random.nextBoolean() ? random.nextInt() : frame[at] ^ 1 << random.nextInt(8));
    }
    if (random.nextInt(4) == 0) { // the field that TCP's state depends on
      int flags = whole[12] == 8 ? 14 + 20 + 13 : 14 + 40 + 13;
      if (flags < frame.length) {
        frame[flags] = (byte) random.nextInt(32);
      }
    }
    return random.nextInt(8) == 0
        ? Arrays.copyOf(frame, 14 + random.nextInt(frame.length - 13))
        : frame;
  }
}
