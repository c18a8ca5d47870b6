package io.synlev.bpf;

import static io.synlev.packet.FlowKey.IPV4;
import static io.synlev.packet.FlowKey.IPV6;
import static io.synlev.packet.IpProtocol.TCP;
import static io.synlev.packet.IpProtocol.UDP;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mode redirect, in the kernel: what leaves at once, how it is changed, what the stack gets. */
@Timeout(60)
class RedirectTest {

  private static final int MARK = 0x5a;
  private static final int MTU = 1500;

  private static TcOffload open(TcBed bed) throws Exception {
    TcOffload offload = bed.open(bed.options().withMode(TcMode.REDIRECT));
    offload.backends().set(MARK, 1);
    route(offload, TcBed.index("in0"));
    return offload;
  }

  private static void route(TcOffload offload, int device) {
    offload.backends().route4(MARK, device, 0xc0000202);
    offload.backends().route6(MARK, device, 0x20010db800010000L, 2);
  }

  private static void expectMarked(TcOffload offload, Frame frame, TcCounter why) throws Exception {
    Map<TcCounter, Long> before = offload.statistics();
    TestRun run = run(offload, frame);
    assertEquals(TestRun.TC_ACT_UNSPEC, run.action());
    assertEquals(MARK, run.mark());
    assertArrayEquals(frame.bytes(), run.frame());
    Map<TcCounter, Long> expected = new EnumMap<>(Map.of(TcCounter.HIT_MARK, 1L));
    expected.put(why, 1L);
    assertEquals(expected, TcBed.growth(offload, before));
  }

  private static void expectRedirected(TcOffload offload, Frame frame) throws Exception {
    Map<TcCounter, Long> before = offload.statistics();
    TestRun run = run(offload, frame);
    assertEquals(TestRun.TC_ACT_REDIRECT, run.action());
    assertEquals(MARK, run.mark());
    assertEquals(Map.of(TcCounter.HIT_REDIRECT, 1L), TcBed.growth(offload, before));
  }

  private static TestRun run(TcOffload offload, Frame frame) throws Exception {
    return TestRun.of(offload.program(TcHook.PROGRAM), frame.bytes());
  }

  /** Adds the flow and lets it see its second packet. */
  private static Frame establish(TcOffload offload, Frame frame) throws Exception {
    TcBed.add(offload.flowTable(), frame, MARK);
    run(offload, frame);
    return frame;
  }

  @ParameterizedTest
  @CsvSource({"4, 6", "4, 17", "4, 132", "6, 6", "6, 17", "6, 132"})
  void shouldSendOnWithOneHopLessAndAnIntactHeader(int family, int protocol) throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed);
          for (int ttl = 255; ttl > 1; ttl--) { // every carry of the checksum
            Frame frame = Frame.of(family, protocol, 1).payload(ttl % 7).ttl(ttl);
            if (ttl == 255) {
              establish(offload, frame);
            }
            expectRedirected(offload, frame);
            ByteBuffer sent = ByteBuffer.wrap(run(offload, frame).frame());
            ByteBuffer expected = ByteBuffer.wrap(frame.ttl(ttl - 1).bytes());
            if (family == IPV4) {
              assertEquals(0, Frame.checksum(sent, 14, 20), "checksum at TTL " + ttl);
              // 0 and 0xffff are the same number to a checksum (RFC 1624).
              expected.putShort(24, sent.getShort(24));
            }
            assertEquals(expected, sent);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldLeaveWhatIsTooLargeToTheStack(int family) throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed);
          int payload = MTU - Frame.of(family, UDP, 1).ipBytes();
          establish(offload, Frame.of(family, UDP, 1));
          expectRedirected(offload, Frame.of(family, UDP, 1).payload(payload));
          expectMarked(
              offload, Frame.of(family, UDP, 1).payload(payload + 1), TcCounter.MTU_EXCEEDED);
          TcBed.command("ip link set in0 mtu 1400");
          expectMarked(offload, Frame.of(family, UDP, 1).payload(payload), TcCounter.MTU_EXCEEDED);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldOnlyMarkWithoutANextHop(int family) throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed);
          Frame frame = establish(offload, Frame.of(family, TCP, 1));
          expectRedirected(offload, frame);
          route(offload, 0);
          expectMarked(offload, frame, TcCounter.NO_NEXT_HOP);
          route(offload, TcBed.index("in0"));
          expectRedirected(offload, frame);
          offload.backends().set(MARK, 2); // another one: nothing is known of its next hop
          establish(offload, Frame.of(family, TCP, 2));
          expectMarked(offload, Frame.of(family, TCP, 2), TcCounter.NO_NEXT_HOP);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldLeaveALargePacketOfAMissingInterfaceToTheStack(int family) throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = open(bed);
          Frame frame = establish(offload, Frame.of(family, UDP, 1).payload(1300));
          route(offload, 9999);
          expectMarked(offload, frame, TcCounter.MTU_EXCEEDED);
        });
  }
}
