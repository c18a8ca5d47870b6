package io.synlev.lbd;

import io.synlev.state.Prefix;
import io.synlev.state.Service;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Made-up packets to the VIPs that will be served, so that the warm-up takes the way that real ones
 * will. Checksums are zero; nothing reads them.
 */
final class WarmUpTraffic {
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int MOST_VIPS = 8;

  /** Many flows, so that the table is touched all over. */
  private static final int FLOWS = 16;

  private WarmUpTraffic() {}

  /** TCP and UDP packets to the first VIPs; empty when there are none. */
  static List<byte[]> to(List<Service> services) {
    List<Prefix> vips =
        services.stream().flatMap(service -> service.vips().stream()).limit(MOST_VIPS).toList();
    List<byte[]> packets = new ArrayList<>();
    for (Prefix vip : vips) {
      for (int flow = 0; flow < FLOWS; flow++) {
        packets.add(packet(vip, flow, TCP));
        packets.add(packet(vip, flow, UDP));
      }
    }
    return packets;
  }

  private static byte[] packet(Prefix vip, int flow, int protocol) {
    int transport = protocol == TCP ? 20 : 8;
    ByteBuffer bytes = ByteBuffer.allocate((vip.ipv6() ? 40 : 20) + transport);
    if (vip.ipv6()) {
      // RFC 8200, section 3; from 2001:db8::/32.
      bytes.putInt(0x6000_0000).putShort((short) transport).put((byte) protocol).put((byte) 64);
      bytes.putLong(0x2001_0db8_0000_0000L).putLong(flow);
      bytes.putLong(vip.high()).putLong(vip.low());
    } else {
      // RFC 791, section 3.1; from 192.0.2.0/24.
      bytes.putShort((short) 0x4500).putShort((short) bytes.capacity()).putInt(0);
      bytes.put((byte) 64).put((byte) protocol).putShort((short) 0);
      bytes.putInt(0xc000_0200 | flow).putInt((int) vip.low());
    }
    int at = bytes.position();
    bytes.putShort((short) (1024 + flow)).putShort((short) 80);
    if (protocol == TCP) {
      // RFC 9293, section 3.1: a header of five words, SYN.
      bytes.putShort(at + 12, (short) 0x5002);
    } else {
      bytes.putShort(at + 4, (short) transport);
    }
    return bytes.array();
  }
}
