package io.synlev.fastpath;

import static io.synlev.fastpath.NatTalk.atClient;
import static io.synlev.fastpath.NatTalk.fromBackend;
import static io.synlev.fastpath.NatTalk.only;
import static io.synlev.fastpath.NatTalk.reply;
import static io.synlev.fastpath.NatTalk.same;
import static io.synlev.fastpath.NatTalk.toVip;
import static io.synlev.fastpath.NatTalk.unreachable;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.nat.NatCounter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a NIC brings to another worker than the one that has the session. */
class NatTwoWorkersTest {

  @TempDir Path directory;

  @Test
  void shouldBringRepliesToTheWorkerThatHasTheSession() throws Exception {
    try (NatBed bed = new NatBed(directory, 2, true)) {
      for (int i = 0; i < 40; i++) {
        int worker = i % 2;
        byte[] asked = NatModel.sealed(toVip(i % 4 < 2).ports(1000 + i, 80).bytes());
        bed.clients.arrive(worker, asked);
        bed.run();
        NatModel seen = new NatModel(only(bed.backends.sent(worker)));
        int part = (seen.sourcePort() - NatBed.FIRST_PORT) / (NatBed.PORTS / 2);
        assertEquals(worker, part, "the workers' ports are apart");
        byte[] reply = reply(seen, fromBackend(seen).tcpFlags(0x12));
        bed.backends.arrive(1 - worker, reply);
        bed.run();
        assertEquals(List.of(), bed.clients.sent(1 - worker));
        same(atClient(reply, i % 4 < 2, 1000 + i), only(bed.clients.sent(worker)));
      }
      assertEquals(40, bed.counted(FastPathCounter.HANDED_OVER));
    }
  }

  @Test
  void shouldFindTheSessionOfFragmentsAndErrorsByWhicheverQueueTheyCome() throws Exception {
    try (NatBed bed = new NatBed(directory, 2, true)) {
      for (int i = 0; i < 32; i++) {
        int worker = i % 2;
        boolean isIpv4 = i % 4 < 2;
        byte[] asked = NatModel.sealed(toVip(isIpv4).udp().ports(1000 + i, 80).bytes());
        bed.clients.arrive(worker, asked);
        bed.run();
        byte[] got = only(bed.backends.sent(worker));
        NatModel seen = new NatModel(got);
        byte[] reply = reply(seen, fromBackend(seen).udp().payload(300));
        List<byte[]> back = Pieces.of(reply, 160, i);
        bed.backends.arrive(i / 4 % 2, back.get(0));
        bed.backends.arrive(1 - i / 4 % 2, back.get(1));
        bed.run();
        List<byte[]> pieces = new ArrayList<>(bed.clients.sent(0));
        pieces.addAll(bed.clients.sent(1));
        assertEquals(2, pieces.size(), "fragments at the client");
        pieces.sort((a, b) -> Integer.compare(b.length, a.length));
        same(atClient(reply, isIpv4, 1000 + i), Pieces.together(pieces.get(0), pieces.get(1)));
        byte[] error =
            unreachable(got, seen.destinationAddress(), seen.sourceAddress(), 0x02cc_0000_0002L);
        bed.backends.arrive(1 - worker, error);
        bed.run();
        assertEquals(1, bed.clients.sent(worker).size(), "the error, translated by its owner");
      }
    }
  }

  @Test
  void shouldSendFragmentsOfAClientFromThePortOfTheirFlow() throws Exception {
    try (NatBed bed = new NatBed(directory, 2, true)) {
      for (int i = 0; i < 32; i++) {
        int worker = i % 2;
        boolean isIpv4 = i % 4 < 2;
        bed.clients.arrive(
            worker, NatModel.sealed(toVip(isIpv4).udp().ports(1000 + i, 80).bytes()));
        bed.run();
        NatModel seen = new NatModel(only(bed.backends.sent(worker)));
        byte[] big = NatModel.sealed(toVip(isIpv4).udp().ports(1000 + i, 80).payload(300).bytes());
        List<byte[]> pieces = Pieces.of(big, 160, i);
        bed.clients.arrive(i / 4 % 2, pieces.get(0));
        bed.clients.arrive(1 - i / 4 % 2, pieces.get(1));
        bed.run();
        List<byte[]> got = new ArrayList<>(bed.backends.sent(0));
        got.addAll(bed.backends.sent(1));
        assertEquals(2, got.size(), "fragments at the backend");
        got.sort((a, b) -> Integer.compare(b.length, a.length));
        byte[] wanted =
            new NatModel(big)
                .stations(seen.station(), NatBed.BACKENDS_MAC)
                .from(seen.sourceAddress(), seen.sourcePort())
                .to(seen.destinationAddress(), 80)
                .older()
                .bytes();
        same(wanted, Pieces.together(got.get(0), got.get(1)));
      }
      assertEquals(32, bed.counted(NatCounter.OPENED));
      assertTrue(bed.counted(NatCounter.BORROWED) > 0, "some came to the other worker");
    }
  }
}
