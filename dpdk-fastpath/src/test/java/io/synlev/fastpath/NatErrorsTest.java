package io.synlev.fastpath;

import static io.synlev.fastpath.NatTalk.CLIENT;
import static io.synlev.fastpath.NatTalk.CLIENT6;
import static io.synlev.fastpath.NatTalk.CLIENT_STATION;
import static io.synlev.fastpath.NatTalk.asked;
import static io.synlev.fastpath.NatTalk.atClient;
import static io.synlev.fastpath.NatTalk.forwarded;
import static io.synlev.fastpath.NatTalk.fromBackend;
import static io.synlev.fastpath.NatTalk.only;
import static io.synlev.fastpath.NatTalk.reply;
import static io.synlev.fastpath.NatTalk.same;
import static io.synlev.fastpath.NatTalk.toVip;
import static io.synlev.fastpath.NatTalk.unreachable;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not simply go through: ICMP errors, of ours and of others, and fragments. */
class NatErrorsTest {

  @TempDir Path directory;

  @Test
  void shouldTellASenderWhatCannotGoOnAsItKnowsIt() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] old = NatModel.sealed(toVip(true).ports(5, 80).ttl(1).bytes());
      byte[] big = NatModel.sealed(toVip(false).ports(5, 80).payload(1441).bytes());
      bed.clients.arrive(0, old);
      bed.clients.arrive(0, big);
      bed.run();
      assertEquals(List.of(), bed.backends.sent(0));
      List<byte[]> answers = bed.clients.sent(0);
      error(answers.get(0), old, 34, 11, 0);
      error(answers.get(1), big, 54, 2, 1500);
      NatModel seen = forwarded(bed, NatModel.sealed(toVip(true).ports(6, 80).bytes()));
      byte[] oldReply = reply(seen, fromBackend(seen).tcpFlags(0x12).ttl(1));
      byte[] bigReply = reply(seen, fromBackend(seen).tcpFlags(0x10).payload(1461));
      bed.backends.arrive(0, oldReply);
      bed.backends.arrive(0, bigReply);
      bed.run();
      assertEquals(List.of(), bed.clients.sent(0));
      answers = bed.backends.sent(0);
      error(answers.get(0), oldReply, 34, 11, 0);
      error(answers.get(1), bigReply, 34, 3, 1500);
    }
  }

  /** An ICMP error about a frame's packet, back to the station that sent it. */
  private static void error(byte[] found, byte[] about, int icmp, int type, int parameter) {
    ByteBuffer bytes = ByteBuffer.wrap(found);
    assertEquals(ByteBuffer.wrap(about).getLong(6) >>> 16, bytes.getLong(0) >>> 16, "station");
    assertEquals(type, bytes.get(icmp));
    assertEquals(parameter, bytes.getInt(icmp + 4));
    same(NatModel.packet(about, 60), NatModel.packet(found, icmp - 14 + 8, 60));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTranslateErrorsAndWhatTheyQuote(boolean isIpv4) throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] asked = NatModel.sealed(toVip(isIpv4).udp().ports(5353, 80).payload(40).bytes());
      NatModel seen = forwarded(bed, asked);
      byte[] atBackend = asked(bed, asked);
      byte[] error =
          unreachable(
              atBackend, seen.destinationAddress(), seen.sourceAddress(), 0x02cc_0000_0002L);
      bed.backends.arrive(0, error);
      bed.run();
      // RFC 5508, 4.2 and RFC 7915-like: the quote is what the client sent, but for its hops.
      byte[] quoted = new NatModel(asked).older().bytes();
      byte[] wanted =
          new NatModel(error)
              .stations(CLIENT_STATION, NatBed.CLIENTS_MAC)
              .from(isIpv4 ? NatBed.VIP : NatBed.VIP6, 0)
              .to(isIpv4 ? CLIENT : CLIENT6, 0)
              .quoting(NatModel.packet(quoted, 1000))
              .older()
              .bytes();
      same(wanted, only(bed.clients.sent(0)));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTranslateFragmentsBothWaysInAnyOrder(boolean isIpv4) throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] asked = NatModel.sealed(toVip(isIpv4).udp().ports(5353, 80).payload(200).bytes());
      List<byte[]> pieces = Pieces.of(asked, 104, 77);
      bed.clients.arrive(0, pieces.get(1));
      bed.run();
      bed.clients.arrive(0, pieces.get(0));
      bed.run();
      List<byte[]> got = bed.backends.sent(0);
      assertEquals(2, got.size(), "fragments at the backend");
      byte[] whole = Pieces.together(got.get(0), got.get(1));
      NatModel seen = new NatModel(whole);
      int backend = (int) (seen.station() - NatBed.FIRST_BACKEND_MAC);
      same(
          new NatModel(asked)
              .stations(seen.station(), NatBed.BACKENDS_MAC)
              .from(isIpv4 ? NatBed.SOURCE : NatBed.SOURCE6, seen.sourcePort())
              .to((isIpv4 ? "10.1.0.1" : "2001:db8:f::1") + backend, 0)
              .older()
              .bytes(),
          whole);
      byte[] reply = reply(seen, fromBackend(seen).udp().payload(300));
      List<byte[]> back = Pieces.of(reply, 160, 4711);
      bed.backends.arrive(0, back.get(1));
      bed.run();
      assertEquals(List.of(), bed.clients.sent(0), "the later one waits");
      bed.backends.arrive(0, back.get(0));
      bed.run();
      got = bed.clients.sent(0);
      assertEquals(2, got.size(), "fragments at the client");
      same(atClient(reply, isIpv4, 5353), Pieces.together(got.get(0), got.get(1)));
      assertEquals(2, bed.counted(FastPathCounter.HELD));
    }
  }

  @Test
  void shouldFreeFragmentsThatWaitInVain() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      for (int i = 0; i < 40; i++) {
        byte[] frame =
            NatModel.sealed(
                Frame.of("10.1.0.10", NatBed.SOURCE).udp().ports(80, 40000).payload(200).bytes());
        bed.backends.arrive(0, Pieces.of(frame, 104, i).get(1));
      }
      bed.run();
      assertEquals(40, bed.counted(FastPathCounter.HELD));
    }
  }
}
