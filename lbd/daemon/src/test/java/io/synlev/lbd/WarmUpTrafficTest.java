package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.packet.HeaderStatus;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.packet.PacketParser;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WarmUpTrafficTest {
  @Test
  void shouldMakeWholePacketsToTheVips() {
    Prefix vip4 = Prefix.parse("203.0.113.0/24");
    Prefix vip6 = Prefix.parse("2001:db8::1/128");
    List<byte[]> packets = WarmUpTraffic.to(List.of(new Service("s", "p", List.of(vip4, vip6))));
    Set<PacketKind> kinds = EnumSet.noneOf(PacketKind.class);
    int toVip4 = 0;
    try (Arena arena = Arena.ofConfined()) {
      for (byte[] packet : packets) {
        MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, packet);
        PacketHeaders headers = new PacketHeaders();
        assertEquals(HeaderStatus.OK, PacketParser.parse(copy.address(), packet.length, headers));
        kinds.add(headers.kind);
        toVip4 +=
            vip4.contains(
                    packet[0] >> 4 == 6, headers.flow.destinationHigh, headers.flow.destinationLow)
                ? 1
                : 0;
      }
    }
    assertEquals(EnumSet.of(PacketKind.TCP, PacketKind.UDP), kinds);
    assertEquals(packets.size() / 2, toVip4);
  }

  @Test
  void shouldMakeNothingWithoutServices() {
    assertEquals(List.of(), WarmUpTraffic.to(List.of()));
  }
}
