package io.synlev.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.ffi.GuardPages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is plain; {@link PacketParserRobustnessTest} has both parsers agree. */
class PlainParserTest {

  private final FlowBurst flows = new FlowBurst(16);
  private final int[] indices = new int[16];
  private final int[] others = new int[16];
  private final List<GuardPages> memory = new ArrayList<>();

  @BeforeEach
  void map() throws Exception {
    for (int i = 0; i < 16; i++) {
      memory.add(new GuardPages(4096));
    }
  }

  @AfterEach
  void unmap() {
    memory.forEach(GuardPages::close);
  }

  /** How many packets are left; those are in {@link #others}, the plain ones in {@link #flows}. */
  private int parse(byte[]... packets) {
    flows.count = 0;
    long[] addresses = new long[packets.length];
    int[] lengths = new int[packets.length];
    for (int i = 0; i < packets.length; i++) {
      addresses[i] = memory.get(i).placeAtEnd(packets[i]);
      lengths[i] = packets[i].length;
    }
    return PlainParser.parse(addresses, lengths, 0, packets.length, flows, indices, others, 0);
  }

  @Test
  void shouldTakeWholeTransportPacketsOfTheCapture() {
    Set<PacketKind> ported = Set.of(PacketKind.TCP, PacketKind.UDP, PacketKind.SCTP);
    int taken = 0;
    for (Captured packet : Captured.all()) {
      boolean isPlain = parse(packet.bytes()) == 0;
      if (isPlain) {
        assertEquals(packet.protocol(), flows.protocol[0], packet.toString());
        assertEquals(packet.ports(), flows.ports[0], packet.toString());
      }
      if (!packet.fragment().equals("-") || !ported.contains(packet.kind())) {
        assertEquals(false, isPlain, packet.toString());
      }
      taken += isPlain ? 1 : 0;
    }
    assertEquals(true, taken >= 5, "plain packets in the capture: " + taken);
  }

  @Test
  void shouldTellPlainPacketsFromOthersInOrder() {
    byte[] udp = Captured.named("udp").bytes();
    byte[] syn = Captured.named("tcp-syn").bytes();
    byte[] cut = Arrays.copyOf(syn, 12);
    assertEquals(3, parse(cut, udp, new byte[0], syn, cut));
    assertEquals(2, flows.count);
    assertEquals(List.of(0, 2, 4), List.of(others[0], others[1], others[2]));
    assertEquals(List.of(1, 3), List.of(indices[0], indices[1]));
    assertEquals(IpProtocol.UDP, flows.protocol[0]);
    assertEquals(0, flows.tcpFlags[0]);
    assertEquals(IpProtocol.TCP, flows.protocol[1]);
    assertEquals(2, flows.tcpFlags[1], "SYN");
  }

  @Test
  void shouldTakeACutPacketAsLongAsTheFlagsAreThere() {
    byte[] syn = Captured.named("tcp-syn").bytes();
    for (int length = 0; length <= syn.length; length++) {
      assertEquals(length < 34 ? 1 : 0, parse(Arrays.copyOf(syn, length)), "bytes " + length);
    }
  }
}
