package io.synlev.fastpath;

import static io.synlev.fastpath.NatTalk.CLIENT;
import static io.synlev.fastpath.NatTalk.CLIENT_STATION;
import static io.synlev.fastpath.NatTalk.atClient;
import static io.synlev.fastpath.NatTalk.forwarded;
import static io.synlev.fastpath.NatTalk.fromBackend;
import static io.synlev.fastpath.NatTalk.only;
import static io.synlev.fastpath.NatTalk.reply;
import static io.synlev.fastpath.NatTalk.same;
import static io.synlev.fastpath.NatTalk.toVip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.nat.NatCounter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Translated packets through a worker, both ways, against {@link NatModel}, byte by byte. */
class NatForwardingTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTranslateBothWays(boolean hasTwoArms) throws Exception {
    try (NatBed bed = new NatBed(directory, 1, hasTwoArms)) {
      int port = 30000;
      for (boolean isIpv4 : new boolean[] {true, false}) {
        for (int kind = 0; kind < 6; kind++) {
          Frame frame = toVip(isIpv4).ports(++port, 80).payload(100 + kind);
          byte[] sent = dressed(frame, kind);
          NatModel seen = forwarded(bed, sent);
          byte[] reply = reply(seen, answering(fromBackend(seen), kind));
          bed.backends.arrive(0, reply);
          bed.run();
          same(atClient(reply, isIpv4, port), only(bed.clients.sent(0)));
        }
      }
      assertEquals(12, bed.counted(NatCounter.OPENED));
      assertEquals(12, bed.counted(FastPathCounter.SENT));
      assertEquals(12, bed.counted(FastPathCounter.NAT_REPLIES));
    }
  }

  /** TCP, UDP, with a tag, with a short payload, with many hops, with DSCP and ECN. */
  private static byte[] dressed(Frame frame, int kind) {
    Frame special =
        switch (kind) {
          case 0 -> frame;
          case 1 -> frame.udp();
          case 2 -> frame.vlan(0x6042);
          case 3 -> frame.udp().payload(1);
          case 4 -> frame.ttl(2);
          default -> frame.trafficClass(0xb9);
        };
    return NatModel.sealed(special.bytes());
  }

  private static Frame answering(Frame frame, int kind) {
    Frame same = kind == 1 || kind == 3 ? frame.udp() : frame.tcpFlags(0x12);
    return kind == 2 ? same.vlan(0x6042) : same.payload(7 * kind);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTranslatePacketsInSeveralBuffers(boolean isIpv4) throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] asked = NatModel.sealed(toVip(isIpv4).udp().ports(5, 80).payload(1400).bytes());
      NatModel seen = forwarded(bed, asked, 500);
      byte[] reply = reply(seen, fromBackend(seen).udp().payload(1200));
      bed.backends.arrive(0, reply, 100);
      bed.run();
      same(atClient(reply, isIpv4, 5), only(bed.clients.sent(0)));
    }
  }

  @Test
  void shouldKeepASessionAndItsPort() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] syn = NatModel.sealed(toVip(true).ports(30000, 80).bytes());
      byte[] ack = NatModel.sealed(toVip(true).ports(30000, 80).tcpFlags(0x10).bytes());
      NatModel first = forwarded(bed, syn);
      NatModel second = forwarded(bed, ack);
      assertEquals(first.sourcePort(), second.sourcePort());
      assertEquals(first.station(), second.station());
      NatModel other = forwarded(bed, NatModel.sealed(toVip(true).ports(30001, 80).bytes()));
      assertNotEquals(first.sourcePort(), other.sourcePort());
    }
  }

  @Test
  void shouldTakeTheStationThatTheClientsLastPacketCameFrom() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      NatModel seen = forwarded(bed, NatModel.sealed(toVip(true).udp().ports(5, 80).bytes()));
      byte[] other = NatModel.sealed(toVip(true).udp().ports(5, 80).bytes());
      other[11] = 9;
      forwarded(bed, other);
      bed.backends.arrive(0, reply(seen, fromBackend(seen).udp()));
      bed.run();
      assertEquals(CLIENT_STATION + 8, new NatModel(only(bed.clients.sent(0))).station());
    }
  }

  @Test
  void shouldDropWhatNoSessionHasAndWhatOthersSend() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      NatModel seen = forwarded(bed, NatModel.sealed(toVip(true).udp().ports(5, 80).bytes()));
      byte[] stranger =
          NatModel.sealed(
              Frame.of("10.1.0.99", NatBed.SOURCE).udp().ports(80, seen.sourcePort()).bytes());
      byte[] unknown =
          NatModel.sealed(
              Frame.of("10.1.0.10", NatBed.SOURCE)
                  .udp()
                  .ports(80, seen.sourcePort() == 40000 ? 40001 : 40000)
                  .bytes());
      byte[] noPort =
          NatModel.sealed(Frame.of("10.1.0.10", NatBed.SOURCE).udp().ports(80, 99).bytes());
      for (byte[] frame : List.of(stranger, unknown, noPort)) {
        bed.backends.arrive(0, frame);
      }
      bed.run();
      assertEquals(List.of(), bed.clients.sent(0));
      assertEquals(1, bed.counted(NatCounter.WRONG_SENDER));
      assertEquals(1, bed.counted(NatCounter.NO_SESSION));
      assertEquals(1, bed.counted(FastPathCounter.NOT_OURS));
    }
  }

  @Test
  void shouldAnswerForItsAddressesAndAnnounceThem() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      String mac = "02cc00000002";
      Set<String> announced = new HashSet<>();
      HexFormat hex = HexFormat.of();
      bed.announced.forEach(frame -> announced.add(hex.formatHex(frame)));
      assertTrue(
          announced.contains(
              hex.formatHex(
                  Talk.arp(Talk.ALL, mac, 1, mac, NatBed.SOURCE, Talk.NOBODY, NatBed.SOURCE))),
          "RFC 5227, 3: an announcement is a request for one's own address");
      assertTrue(
          announced.contains(
              hex.formatHex(
                  Talk.discovery(
                      "333300000001",
                      mac,
                      NatBed.SOURCE6,
                      "ff02::1",
                      136,
                      0x2000_0000,
                      NatBed.SOURCE6,
                      Talk.option(2, mac)))),
          "RFC 4861, 7.2.6: unsolicited, to all nodes, overriding");
      assertEquals(4, announced.size(), "own addresses and sources, no VIP");
      bed.backends.arrive(0, Talk.whoHas("02bb00000000", "10.1.0.10", NatBed.SOURCE));
      bed.run();
      same(Talk.isAt("02bb00000000", "10.1.0.10", mac, NatBed.SOURCE), only(bed.backends.sent(0)));
      bed.backends.arrive(0, Talk.whoHas6("02bb00000000", "2001:db8:f::10", NatBed.SOURCE6));
      bed.run();
      same(
          Talk.isAt6("02bb00000000", "2001:db8:f::10", mac, NatBed.SOURCE6),
          only(bed.backends.sent(0)));
      for (String address : List.of(NatBed.VIP, NatBed.SOURCE)) {
        bed.clients.arrive(0, Talk.echo("02cc00000001", "02aaaaaaaa01", CLIENT, address, 8, 9, 40));
        bed.run();
        same(
            Talk.echo("02aaaaaaaa01", "02cc00000001", address, CLIENT, 0, 64, 40),
            only(bed.clients.sent(0)));
      }
    }
  }

  @Test
  void shouldAllocateNothing() throws Exception {
    try (NatBed bed = new NatBed(directory, 1, true)) {
      byte[] asked = NatModel.sealed(toVip(true).udp().ports(5, 80).bytes());
      NatModel seen = forwarded(bed, asked);
      byte[] reply = reply(seen, fromBackend(seen).udp());
      int windows = 0;
      long allocated;
      do {
        allocated = bed.allocated(2000, asked, reply);
        windows++;
      } while (windows < 3 || allocated > 0 && windows < 50);
      // Once the compiler is done; before, the interpreter allocates for memory accesses.
      assertEquals(0, allocated, "bytes in the last of " + windows + " windows");
    }
  }
}
