package io.synlev.fastpath;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Fragments datagrams and puts them together again: RFC 791, 3.2; RFC 8200, 4.5. No VLAN tags. */
final class Pieces {

  private static final int ETHERNET = 14;

  private Pieces() {}

  /**
   * Two fragments of a frame's packet.
   *
   * @param at bytes of payload in the first one, a multiple of 8
   */
  static List<byte[]> of(byte[] frame, int at, int identification) {
    boolean isIpv4 = frame[ETHERNET] >> 4 == 4;
    int header = ETHERNET + (isIpv4 ? 20 : 40);
    byte[] first = piece(frame, header, 0, at, true, identification);
    byte[] second = piece(frame, header, at, frame.length - header - at, false, identification);
    return List.of(first, second);
  }

  private static byte[] piece(
      byte[] frame, int header, int from, int length, boolean hasMore, int identification) {
    boolean isIpv4 = frame[ETHERNET] >> 4 == 4;
    int more = isIpv4 ? 0 : 8;
    ByteBuffer out = ByteBuffer.allocate(header + more + length);
    out.put(frame, 0, header);
    if (isIpv4) {
      out.putShort(ETHERNET + 2, (short) (20 + length));
      out.putShort(ETHERNET + 4, (short) identification);
      out.putShort(ETHERNET + 6, (short) (from / 8 | (hasMore ? 0x2000 : 0)));
      out.putShort(ETHERNET + 10, (short) 0);
      out.putShort(ETHERNET + 10, (short) Frame.checksum(out.array(), ETHERNET, 20));
    } else {
      out.putShort(ETHERNET + 4, (short) (8 + length));
      out.put(ETHERNET + 6, (byte) 44);
      out.put(frame[ETHERNET + 6]).put((byte) 0).putShort((short) (from | (hasMore ? 1 : 0)));
      out.putInt(identification);
    }
    return out.put(frame, header + from, length).array();
  }

  /** The datagram of two fragments, with the header fields of a whole one. */
  static byte[] together(byte[] first, byte[] second) {
    boolean isIpv4 = first[ETHERNET] >> 4 == 4;
    int header = ETHERNET + (isIpv4 ? 20 : 48);
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    for (byte[] each : List.of(first, second)) {
      payload.write(each, header, each.length - header);
    }
    int start = ETHERNET + (isIpv4 ? 20 : 40);
    byte[] whole = Arrays.copyOf(first, start + payload.size());
    System.arraycopy(payload.toByteArray(), 0, whole, start, payload.size());
    ByteBuffer out = ByteBuffer.wrap(whole);
    if (isIpv4) {
      out.putShort(ETHERNET + 2, (short) (20 + payload.size()));
      out.putInt(ETHERNET + 4, 0x1234_4000);
      out.putShort(ETHERNET + 10, (short) 0);
      out.putShort(ETHERNET + 10, (short) Frame.checksum(whole, ETHERNET, 20));
    } else {
      out.putShort(ETHERNET + 4, (short) payload.size());
      out.put(ETHERNET + 6, first[ETHERNET + 40]);
    }
    return whole;
  }
}
