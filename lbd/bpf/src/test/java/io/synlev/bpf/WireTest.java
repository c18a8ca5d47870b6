package io.synlev.bpf;

import static io.synlev.packet.FlowKey.IPV4;
import static io.synlev.packet.FlowKey.IPV6;
import static io.synlev.packet.IpProtocol.UDP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames through a veth pair into the attached program. */
@Timeout(120)
class WireTest {

  private static final int MARK = 0x5a;
  private static final int REPLACEMENTS = 200;

  /** A second pair: what is redirected leaves by out0 and arrives at far1. */
  private static void addServerLink() throws Exception {
    TcBed.command("ip link add out0 type veth peer name far1");
    TcBed.command("ip address add 198.51.100.1/24 dev out0");
    TcBed.command("ip address add 2001:db8:2::1/64 dev out0 nodad");
    TcBed.command("ip link set out0 up");
    TcBed.command("ip link set far1 up");
    TcBed.command("ip neigh add 198.51.100.2 lladdr 02:00:00:00:00:02 dev out0");
    TcBed.command("ip neigh add 2001:db8:2::2 lladdr 02:00:00:00:00:02 dev out0");
    TcBed.command("ip link set far1 address 02:00:00:00:00:02");
  }

  private static TcOffload open(TcBed bed, TcMode mode) throws Exception {
    TcOffload offload = bed.open(bed.options().withMode(mode));
    offload.backends().set(MARK, 1);
    if (mode == TcMode.REDIRECT) {
      int device = TcBed.index("out0");
      offload.backends().route4(MARK, device, 0xc6336402);
      offload.backends().route6(MARK, device, 0x20010db800020000L, 2);
    }
    return offload;
  }

  private static byte[] toIn0(Frame frame) throws Exception {
    byte[] bytes = frame.bytes();
    System.arraycopy(TcBed.address("in0"), 0, bytes, 0, 6);
    return bytes;
  }

  /** Counts packets to the VIP that a rule's condition holds for, and ends them. */
  private static String count(int family, String condition) throws Exception {
    String tool = family == IPV4 ? "iptables" : "ip6tables";
    String vip = family == IPV4 ? "10.0.0.1" : "1000::1";
    TcBed.command(tool + " -t raw -A PREROUTING -d " + vip + " " + condition + " -j DROP");
    return tool + " -t raw -vnxL PREROUTING";
  }

  private static long counted(String listing) throws Exception {
    return TcBed.command(listing)
        .lines()
        .filter(line -> line.contains("DROP"))
        .mapToLong(line -> Long.parseLong(line.strip().split(" ")[0]))
        .sum();
  }

  @ParameterizedTest
  @CsvSource({"4, MARK", "6, MARK", "4, REDIRECT", "6, REDIRECT"})
  void shouldLoseNothingWhenItIsReplacedUnderTraffic(int family, TcMode mode) throws Exception {
    TcBed.run(
        bed -> {
          addServerLink();
          String listing =
              count(family, mode == TcMode.MARK ? "-i in0 -m mark --mark 0x5a" : "-i far1");
          Frame frame = Frame.of(family, UDP, 1).payload(32);
          TcOffload offload = open(bed, mode);
          TcBed.add(offload.flowTable(), frame, MARK);
          offload.attach("in0");
          AtomicBoolean stop = new AtomicBoolean();
          byte[] bytes = toIn0(frame);
          int far = TcBed.index("far0");
          FutureTask<Long> sender = new FutureTask<>(() -> sendUntil(stop, far, bytes));
          Thread.ofPlatform().name("sender").start(sender); // in the namespace of this thread
          for (int i = 0; i < REPLACEMENTS; i++) {
            TcOffload next = open(bed, mode);
            next.attach("in0");
            offload.close(true);
            offload = next;
          }
          stop.set(true);
          long sent = sender.get();
          assertTrue(sent > 1000, sent + " sent");
          long patience = System.nanoTime() + 10_000_000_000L; // for the last ones on their way
          while (counted(listing) < sent && System.nanoTime() < patience) {
            Thread.onSpinWait();
          }
          assertEquals(sent, counted(listing));
          TcCounter hit = mode == TcMode.MARK ? TcCounter.HIT_MARK : TcCounter.HIT_REDIRECT;
          assertEquals(sent, offload.statistics().get(hit));
        });
  }

  private static long sendUntil(AtomicBoolean stop, int device, byte[] bytes) throws Exception {
    long sent = 0;
    try (RawSocket socket = new RawSocket(device)) {
      MemorySegment frame = socket.prepare(bytes);
      while (!stop.get()) {
        sent += socket.send(frame) ? 1 : 0;
      }
    }
    return sent;
  }

  @ParameterizedTest
  @ValueSource(ints = {IPV4, IPV6})
  void shouldLetTaggedFramesPass(int family) throws Exception {
    TcBed.run(
        bed -> {
          Frame frame = Frame.of(family, UDP, 1);
          TcOffload offload = open(bed, TcMode.MARK);
          TcBed.add(offload.flowTable(), frame, MARK);
          offload.attach("in0");
          byte[] plain = toIn0(frame);
          ByteBuffer tagged = ByteBuffer.allocate(plain.length + 4);
          tagged.put(plain, 0, 12).putInt(0x8100_0007).put(plain, 12, plain.length - 12);
          try (RawSocket socket = new RawSocket(TcBed.index("far0"))) {
            assertTrue(socket.send(socket.prepare(tagged.array())));
            assertTrue(socket.send(socket.prepare(plain)));
          }
          Map<TcCounter, Long> counted = offload.statistics();
          while (counted.get(TcCounter.HIT_MARK) == 0) {
            counted = offload.statistics();
          }
          assertEquals(1, counted.get(TcCounter.MISS_TAGGED));
          assertEquals(1, counted.get(TcCounter.HIT_MARK));
        });
  }
}
