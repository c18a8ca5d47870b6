package io.synlev.bpf;

import static io.synlev.bpf.Frame.ACK;
import static io.synlev.bpf.Frame.FIN;
import static io.synlev.bpf.Frame.RST;
import static io.synlev.bpf.Frame.SYN;
import static io.synlev.packet.FlowKey.IPV4;
import static io.synlev.packet.FlowKey.IPV6;
import static io.synlev.packet.IpProtocol.SCTP;
import static io.synlev.packet.IpProtocol.TCP;
import static io.synlev.packet.IpProtocol.UDP;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.datapath.FlowRecord;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mode mark: what is a hit, what a miss, and what becomes of the flow; in the kernel. */
@Timeout(60)
class ProgramRulesTest {

  private static final int MARK = 0x5a;

  /** The program with one backend, and what it counted for each packet. */
  private record Machine(TcOffload offload, TcFlowTable table, int program) {

    static Machine open(TcBed bed) throws Exception {
      TcOffload offload = bed.open(bed.options());
      offload.backends().set(MARK, 1);
      return new Machine(offload, offload.flowTable(), offload.program(TcHook.PROGRAM));
    }

    /** Runs the program and expects just this count; hits are marked, misses untouched. */
    void expect(TcCounter counter, Frame frame) throws Exception {
      expect(Map.of(counter, 1L), frame, TestRun.Metadata.mark(0xab0000cd));
    }

    void expect(Map<TcCounter, Long> counts, Frame frame, TestRun.Metadata metadata)
        throws Exception {
      Map<TcCounter, Long> before = offload.statistics();
      byte[] bytes = frame.bytes();
      TestRun run = TestRun.of(program, bytes, metadata);
      assertEquals(counts, TcBed.growth(offload, before));
      boolean isHit = counts.containsKey(TcCounter.HIT_MARK);
      assertEquals(TestRun.TC_ACT_UNSPEC, run.action());
      assertEquals(isHit ? 0xab000000 | MARK : metadata.mark(), run.mark());
      assertArrayEquals(bytes, run.frame());
    }

    FlowRecord only() throws Exception {
      FlowRecord[] found = new FlowRecord[1];
      offload
          .flows()
          .forEach(
              flow -> {
                assertEquals(null, found[0], "one flow only");
                found[0] = flow;
              });
      return found[0];
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 6", "4, 17", "4, 132", "6, 6", "6, 17", "6, 132"})
  void shouldMarkWhatWasAddedAndPromoteItsSecondPacket(int family, int protocol) throws Exception {
    TcBed.run(
        bed -> {
          Machine machine = Machine.open(bed);
          Frame frame = Frame.of(family, protocol, 1).payload(100);
          machine.expect(TcCounter.MISS_UNKNOWN, frame);
          assertEquals(0, machine.table().find(frame.key()));
          TcBed.add(machine.table(), frame, MARK);
          assertEquals(MARK, machine.table().find(frame.key()));
          assertEquals(true, machine.only().isYoung);
          TestRun.Metadata marked = TestRun.Metadata.mark(0xab0000cd);
          Map<TcCounter, Long> promotion = Map.of(TcCounter.HIT_MARK, 1L, TcCounter.PROMOTED, 1L);
          machine.expect(promotion, frame, marked);
          machine.expect(TcCounter.HIT_MARK, frame);
          assertEquals(MARK, machine.table().find(frame.key()));
          FlowRecord flow = machine.only();
          assertEquals(false, flow.isYoung);
          assertEquals(true, flow.isLive);
          assertEquals(2, flow.packets);
          assertEquals(2L * frame.ipBytes(), flow.bytes);
          assertEquals(protocol, flow.flow.protocol);
          machine.expect(TcCounter.MISS_UNKNOWN, Frame.of(family, protocol, 2));
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldKeepTheBackendForASynOnALiveFlow(int family) throws Exception {
    TcBed.run(
        bed -> {
          Machine machine = Machine.open(bed);
          Frame syn = Frame.of(family, TCP, 1).tcpFlags(SYN);
          TcBed.add(machine.table(), syn, MARK);
          machine.expect(TcCounter.HIT_MARK, syn); // sent again: not established by that
          assertEquals(true, machine.only().isYoung);
          Map<TcCounter, Long> promotion = Map.of(TcCounter.HIT_MARK, 1L, TcCounter.PROMOTED, 1L);
          Frame ack = Frame.of(family, TCP, 1).tcpFlags(ACK);
          machine.expect(promotion, ack, TestRun.Metadata.mark(0xab000000));
          machine.expect(TcCounter.HIT_MARK, syn);
          machine.offload().backends().remove(MARK);
          machine.expect(TcCounter.MISS_STALE, syn);
          machine.expect(TcCounter.MISS_UNKNOWN, syn);
          assertEquals(0, machine.table().find(syn.key()));
        });
  }

  @ParameterizedTest
  @CsvSource({"4, 1", "4, 4", "4, 20", "6, 1", "6, 4", "6, 17"})
  void shouldCloseOnFinAndResetAndReviveOnData(int family, int closing) throws Exception {
    TcBed.run(
        bed -> {
          Machine machine = Machine.open(bed);
          Frame ack = Frame.of(family, TCP, 1).tcpFlags(ACK);
          TcBed.add(machine.table(), ack, MARK);
          TestRun.of(machine.program(), ack.bytes());
          machine.expect(TcCounter.HIT_MARK, Frame.of(family, TCP, 1).tcpFlags(closing));
          assertEquals(true, machine.only().isClosing);
          machine.expect(TcCounter.HIT_MARK, ack); // of the other direction's data
          assertEquals(true, machine.only().isClosing);
          machine.expect(TcCounter.HIT_MARK, Frame.of(family, TCP, 1).tcpFlags(ACK).payload(1));
          assertEquals(false, machine.only().isClosing);
          machine.expect(TcCounter.HIT_MARK, Frame.of(family, TCP, 1).tcpFlags(closing));
          machine.expect(TcCounter.HIT_MARK, Frame.of(family, TCP, 1).tcpFlags(SYN | ACK));
          machine.expect(TcCounter.MISS_REOPENED, Frame.of(family, TCP, 1).tcpFlags(SYN));
          assertEquals(null, machine.only());
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldNotPromoteOnReset(int family) throws Exception {
    TcBed.run(
        bed -> {
          Machine machine = Machine.open(bed);
          Frame reset = Frame.of(family, TCP, 1).tcpFlags(RST | ACK);
          TcBed.add(machine.table(), reset, MARK);
          machine.expect(TcCounter.HIT_MARK, reset);
          assertEquals(true, machine.only().isYoung);
          assertEquals(true, machine.only().isClosing);
          machine.table().add(Frame.of(family, TCP, 2).key(), MARK, RST);
          machine.table().commit(System.nanoTime());
          assertEquals(0, machine.table().find(Frame.of(family, TCP, 2).key()));
          machine.table().add(Frame.of(family, TCP, 3).key(), MARK, FIN | ACK);
          machine.table().commit(System.nanoTime());
          machine.expect(TcCounter.MISS_REOPENED, Frame.of(family, TCP, 3).tcpFlags(SYN));
        });
  }

  @ParameterizedTest
  @CsvSource({"6", "17", "132"})
  void shouldMissWhatTheStackMustSeeInIpv4(int protocol) throws Exception {
    TcBed.run(
        bed -> {
          Machine machine = Machine.open(bed);
          Frame known = Frame.of(IPV4, protocol, 1);
          TcBed.add(machine.table(), known, MARK);
          TestRun.of(machine.program(), known.bytes());
          machine.expect(TcCounter.MISS_FRAGMENT, frame(IPV4, protocol).fragment(0x2000));
          machine.expect(TcCounter.MISS_FRAGMENT, frame(IPV4, protocol).fragment(0x0001));
          machine.expect(TcCounter.HIT_MARK, frame(IPV4, protocol).fragment(0));
          machine.expect(TcCounter.MISS_OPTIONS, frame(IPV4, protocol).ipOptions(1));
          machine.expect(TcCounter.MISS_HOPS, frame(IPV4, protocol).ttl(1));
          machine.expect(TcCounter.MISS_HOPS, frame(IPV4, protocol).ttl(0));
          machine.expect(TcCounter.HIT_MARK, frame(IPV4, protocol).ttl(2));
          machine.expect(TcCounter.HIT_MARK, frame(IPV4, protocol).padding(30));
          machine.expect(TcCounter.MISS_PROTOCOL, Frame.of(IPV4, 1, 1));
          machine.expect(TcCounter.MISS_PROTOCOL, Frame.of(IPV4, 4, 1));
        });
  }

  @ParameterizedTest
  @CsvSource({"6", "17", "132"})
  void shouldMissWhatTheStackMustSeeInIpv6(int protocol) throws Exception {
    TcBed.run(
        bed -> {
          Machine machine = Machine.open(bed);
          Frame known = Frame.of(IPV6, protocol, 1);
          TcBed.add(machine.table(), known, MARK);
          TestRun.of(machine.program(), known.bytes());
          machine.expect(TcCounter.MISS_FRAGMENT, Frame.of(IPV6, 44, 1));
          for (int extension : new int[] {0, 43, 50, 51, 59, 60, 135}) {
            machine.expect(TcCounter.MISS_OPTIONS, Frame.of(IPV6, extension, 1));
          }
          machine.expect(TcCounter.MISS_PROTOCOL, Frame.of(IPV6, 58, 1));
          machine.expect(TcCounter.MISS_HOPS, frame(IPV6, protocol).ttl(1));
          machine.expect(TcCounter.HIT_MARK, frame(IPV6, protocol).ttl(2));
          machine.expect(TcCounter.HIT_MARK, frame(IPV6, protocol).padding(30));
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldNotLookAtOtherFrames(int family) throws Exception {
    TcBed.run(
        bed -> {
          Machine machine = Machine.open(bed);
          Frame known = Frame.of(family, UDP, 1);
          TcBed.add(machine.table(), known, MARK);
          TestRun.Metadata marked = TestRun.Metadata.mark(0x77);
          // A tagged frame as it is before the stack has taken the tag off, and ARP.
          machine.expect(Map.of(), Frame.of(family, UDP, 1).etherType(0x8100), marked);
          machine.expect(Map.of(), Frame.of(family, UDP, 1).etherType(0x0806), marked);
          // Another station's frame, seen in promiscuous mode.
          byte[] foreign = known.bytes();
          foreign[0] = 2;
          TestRun run = TestRun.of(machine.program(), foreign, marked);
          assertEquals(0x77, run.mark());
          assertEquals(true, machine.only().isYoung);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldPassOverDestinationsThatAreNoVips(int family) throws Exception {
    TcBed.run(
        bed -> {
          Machine machine = Machine.open(bed);
          Frame known = Frame.of(family, SCTP, 1);
          TcBed.add(machine.table(), known, MARK);
          TestRun.of(machine.program(), known.bytes());
          TestRun.Metadata marked = TestRun.Metadata.mark(0x77);
          machine
              .offload()
              .vips()
              .set(
                  List.of(
                      new VipFilter.Prefix(Frame.address("10.9.0.0"), 16),
                      new VipFilter.Prefix(Frame.address("1000:9::"), 64)));
          machine.expect(Map.of(), known, marked);
          machine
              .offload()
              .vips()
              .set(
                  List.of(
                      new VipFilter.Prefix(Frame.address("10.0.0.1"), 32),
                      new VipFilter.Prefix(Frame.address("1000::1"), 128)));
          machine.expect(TcCounter.HIT_MARK, known);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldCountSegmentsOfALargePacket(int family) throws Exception {
    TcBed.run(
        bed -> {
          Machine machine = Machine.open(bed);
          Frame large = Frame.of(family, TCP, 1).payload(1400);
          TcBed.add(machine.table(), large, MARK);
          Map<TcCounter, Long> promotion = Map.of(TcCounter.HIT_MARK, 1L, TcCounter.PROMOTED, 1L);
          machine.expect(promotion, large, new TestRun.Metadata(0xab000000, 700, 2));
          assertEquals(2, machine.only().packets);
          assertEquals(large.ipBytes(), machine.only().bytes);
        });
  }

  private static Frame frame(int family, int protocol) {
    return Frame.of(family, protocol, 1);
  }
}
