package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/** What a client at 203.0.113.7 or 2001:db8:7::7 and the backends of {@link NatBed} say. */
final class NatTalk {

  static final String CLIENT = "203.0.113.7";
  static final String CLIENT6 = "2001:db8:7::7";
  static final long CLIENT_STATION = 0x02aa_aaaa_aa01L;

  static void same(byte[] wanted, byte[] found) {
    HexFormat hex = HexFormat.ofDelimiter(" ");
    assertEquals(hex.formatHex(wanted), hex.formatHex(found));
  }

  static byte[] only(List<byte[]> frames) {
    assertEquals(1, frames.size(), "frames");
    return frames.getFirst();
  }

  static Frame toVip(boolean isIpv4) {
    return Frame.of(isIpv4 ? CLIENT : CLIENT6, isIpv4 ? NatBed.VIP : NatBed.VIP6);
  }

  /** Sends it; what a backend gets must be what the model says of the port that was chosen. */
  static NatModel forwarded(NatBed bed, byte[] frame) throws Exception {
    return forwarded(bed, frame, frame.length);
  }

  /** The same in buffers of so many bytes each. */
  static NatModel forwarded(NatBed bed, byte[] frame, int each) throws Exception {
    bed.clients.arrive(0, frame, each);
    bed.run();
    byte[] found = only(bed.backends.sent(0));
    NatModel seen = new NatModel(found);
    int backend = (int) (seen.station() - NatBed.FIRST_BACKEND_MAC);
    boolean isIpv4 = seen.destinationAddress().indexOf(':') < 0;
    byte[] wanted =
        new NatModel(frame)
            .stations(NatBed.FIRST_BACKEND_MAC + backend, bed.backends.queues(0).mac())
            .from(isIpv4 ? NatBed.SOURCE : NatBed.SOURCE6, seen.sourcePort())
            .to((isIpv4 ? "10.1.0.1" : "2001:db8:f::1") + backend, 0)
            .older()
            .bytes();
    same(wanted, found);
    int port = seen.sourcePort() - NatBed.FIRST_PORT;
    assertTrue(port >= 0 && port < NatBed.PORTS, "port " + seen.sourcePort());
    return seen;
  }

  /** What the backend that has got a packet answers. */
  static byte[] reply(NatModel seen, Frame frame) {
    NatModel answer = new NatModel(frame.ports(seen.destinationPort(), seen.sourcePort()).bytes());
    return NatModel.sealed(answer.stations(0x02cc_0000_0002L, seen.station()).bytes());
  }

  static Frame fromBackend(NatModel seen) {
    return Frame.of(seen.destinationAddress(), seen.sourceAddress());
  }

  static byte[] atClient(byte[] reply, boolean isIpv4, int clientPort) {
    return new NatModel(reply)
        .stations(CLIENT_STATION, NatBed.CLIENTS_MAC)
        .from(isIpv4 ? NatBed.VIP : NatBed.VIP6, 80)
        .to(isIpv4 ? CLIENT : CLIENT6, clientPort)
        .older()
        .bytes();
  }

  /** What the backend gets, once more. */
  static byte[] asked(NatBed bed, byte[] frame) throws Exception {
    bed.clients.arrive(0, frame);
    bed.run();
    return only(bed.backends.sent(0));
  }

  /** Nobody listens there: RFC 792, type 3, code 3; RFC 4443, type 1, code 4. */
  static byte[] unreachable(byte[] about, String from, String to, long station) {
    byte[] quoted = NatModel.packet(about, 1000);
    byte[] frame = Frame.of(from, to).echo().payload(quoted.length).bytes();
    boolean isIpv4 = frame[14] >> 4 == 4;
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    int icmp = isIpv4 ? 34 : 54;
    bytes.putShort(icmp, (short) (isIpv4 ? 0x0303 : 0x0104)).putInt(icmp + 4, 0);
    bytes.put(icmp + 8, quoted);
    return new NatModel(frame).stations(station, 0x02bb_0000_0000L).bytes();
  }

  private NatTalk() {}
}
