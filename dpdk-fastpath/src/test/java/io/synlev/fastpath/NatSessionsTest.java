package io.synlev.fastpath;

import static io.synlev.fastpath.NatTalk.forwarded;
import static io.synlev.fastpath.NatTalk.fromBackend;
import static io.synlev.fastpath.NatTalk.only;
import static io.synlev.fastpath.NatTalk.reply;
import static io.synlev.fastpath.NatTalk.toVip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.nat.NatCounter;
import io.synlev.state.AdminState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which session a packet has, when ports run out, and when pools change. */
class NatSessionsTest {

  @TempDir Path directory;

  @Test
  void shouldCountPacketsThatGetNoPort() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      Set<Integer> ports = new HashSet<>();
      for (int i = 0; i < NatBed.PORTS; i++) {
        byte[] frame = NatModel.sealed(toVip(true).udp().ports(1000 + i, 80).bytes());
        NatModel seen = forwarded(bed, frame);
        ports.add(seen.sourcePort());
        bed.backends.arrive(0, reply(seen, fromBackend(seen).udp())); // one-packet flows make room
        bed.run();
        only(bed.clients.sent(0));
      }
      assertEquals(NatBed.PORTS, ports.size(), "each its own");
      bed.clients.arrive(0, NatModel.sealed(toVip(true).udp().ports(999, 80).bytes()));
      bed.run();
      assertEquals(List.of(), bed.backends.sent(0));
      assertEquals(1, bed.counted(NatCounter.NO_PORT));
      forwarded(bed, NatModel.sealed(toVip(true).ports(999, 80).bytes())); // TCP has its own ports
      bed.pass(305); // 300 s, and a session is noted every 4 s
      forwarded(bed, NatModel.sealed(toVip(true).udp().ports(999, 80).bytes()));
    }
  }

  @Test
  void shouldKeepConnectionsOfDrainingBackendsAndEndThoseOfRemovedOnes() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      List<NatModel> seen = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        seen.add(forwarded(bed, NatModel.sealed(toVip(true).udp().ports(1000 + i, 80).bytes())));
      }
      bed.instance.updatePool(
          "web",
          backends ->
              backends.stream()
                  .map(b -> b.name().equals("b0") ? b : b.with(AdminState.DRAINING))
                  .toList());
      for (int i = 0; i < 30; i++) {
        NatModel again =
            forwarded(bed, NatModel.sealed(toVip(true).udp().ports(1000 + i, 80).bytes()));
        assertEquals(seen.get(i).station(), again.station());
        assertEquals(seen.get(i).sourcePort(), again.sourcePort());
      }
      bed.instance.updatePool(
          "web", backends -> backends.stream().filter(b -> b.name().equals("b0")).toList());
      for (int removed = 1; removed < NatBed.BACKENDS; removed++) {
        bed.sessions
            .tables()
            .forget(NatLane.number(101 + removed, NatBed.backend(removed).ipv4()), bed.now());
      }
      for (int i = 0; i < 30; i++) {
        NatModel last =
            forwarded(bed, NatModel.sealed(toVip(true).udp().ports(1000 + i, 80).bytes()));
        assertEquals(NatBed.FIRST_BACKEND_MAC, last.station(), "the only one that is left");
      }
      assertTrue(bed.counted(NatCounter.FORGOTTEN) > 0);
    }
  }

  @Test
  void shouldGoByTheTableWhenAFlowIsForgotten() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] frame = NatModel.sealed(toVip(true).udp().ports(1000, 80).bytes());
      NatModel seen = forwarded(bed, frame);
      String name = "b" + (seen.station() - NatBed.FIRST_BACKEND_MAC);
      bed.instance.updatePool(
          "web",
          backends ->
              backends.stream()
                  .map(b -> b.name().equals(name) ? b.with(AdminState.DRAINING) : b)
                  .toList());
      assertEquals(seen.station(), forwarded(bed, frame).station());
      assertEquals(
          1,
          new ConnectionListing(bed.connections, null, _ -> 1, System::nanoTime).flush(_ -> true));
      NatModel other = forwarded(bed, frame);
      assertNotEquals(seen.station(), other.station());
      bed.backends.arrive(0, reply(seen, fromBackend(seen).udp()));
      bed.backends.arrive(0, reply(other, fromBackend(other).udp()));
      bed.run();
      assertEquals(1, bed.clients.sent(0).size(), "of the one that has the flow now");
      assertEquals(1, bed.counted(NatCounter.WRONG_SENDER));
    }
  }
}
