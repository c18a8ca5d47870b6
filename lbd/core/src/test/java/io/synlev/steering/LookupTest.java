package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.packet.Captured;
import io.synlev.packet.FlowKey;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import io.synlev.packet.PacketParser;
import io.synlev.state.HashOn;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LookupTest {

  private static final int CLIENT = 0xc000_0201;

  @TempDir Path base;
  private final FlowKey flow = new FlowKey();
  private Testbed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new Testbed(base);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void shouldAnswerAsSteeringDecides() {
    PacketHeaders headers = new PacketHeaders();
    int compared = 0;
    for (Captured packet : Captured.all()) {
      Decision decision = bed.decide(packet.bytes());
      PacketParser.parse(bed.place(packet.bytes()), packet.bytes().length, headers);
      if (decision.backend >= 0 && !headers.fragment && headers.kind != PacketKind.ICMP_ERROR) {
        Lookup lookup = Lookup.find(bed.instance, headers.flow);
        assertEquals(decision.backend, lookup.backend());
        assertEquals(decision.mark, lookup.mark());
        assertEquals(decision.generation, lookup.generation());
        assertEquals("web", lookup.service().name());
        compared++;
      }
    }
    assertTrue(compared > 10);
  }

  @Test
  void shouldSayWhichSlotAndWhatWasHashed() {
    flow.ipv4(CLIENT, 0xc000_0202, 6, 1234 << 16 | 80);
    Lookup lookup = Lookup.find(bed.instance, flow);
    assertEquals(HashOn.TUPLE, lookup.hashedOn());
    assertEquals(Integer.toUnsignedLong(lookup.hash()) * Testbed.SLOTS / (1L << 32), lookup.slot());
    assertEquals(
        lookup.mark(),
        bed.instance.snapshot("web").at(lookup.backend()).orElseThrow().backend().fwmark());
  }

  @Test
  void shouldHashProtocolsWithoutPortsOnAddresses() {
    flow.ipv4(CLIENT, 0xc000_0202, 47, 0);
    assertEquals(HashOn.ADDRESSES, Lookup.find(bed.instance, flow).hashedOn());
  }

  @Test
  void shouldFindNoServiceAndNoBackend() {
    flow.ipv4(CLIENT, 0x0a00_0001, 6, 0);
    Lookup none = Lookup.find(bed.instance, flow);
    assertNull(none.service());
    assertEquals(Reason.NO_SERVICE, none.reason());
    flow.ipv4(CLIENT, 0xcb00_7101, 6, 0);
    Lookup lookup = Lookup.find(bed.instance, flow);
    assertEquals(-1, lookup.backend());
    assertEquals(0, lookup.mark());
  }
}
