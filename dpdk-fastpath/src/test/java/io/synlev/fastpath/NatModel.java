package io.synlev.fastpath;

import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What becomes of a frame that is translated, worked out slowly: addresses and ports put into a
 * copy, and all checksums made anew over all bytes. RFC 791, 768, 9293, 792, 4443, 8200. Shares
 * nothing with the code under test.
 */
final class NatModel {

  private final byte[] frame;
  private final ByteBuffer bytes;
  private final int l3;
  private final boolean isIpv4;

  NatModel(byte[] original) {
    frame = original.clone();
    bytes = ByteBuffer.wrap(frame);
    l3 = bytes.getShort(12) == (short) 0x8100 ? 18 : 14;
    isIpv4 = frame[l3] >> 4 == 4;
  }

  private int size() {
    return isIpv4 ? 4 : 16;
  }

  private int source() {
    return l3 + (isIpv4 ? 12 : 8);
  }

  private int protocol() {
    int next = frame[l3 + (isIpv4 ? 9 : 6)] & 0xff;
    return next == 44 ? frame[l3 + 40] & 0xff : next;
  }

  /** Behind the IP header, and IPv6's fragment header. */
  private int l4() {
    return l3 + (isIpv4 ? 20 : frame[l3 + 6] == 44 ? 48 : 40);
  }

  private boolean isLater() {
    int field =
        isIpv4
            ? bytes.getShort(l3 + 6) & 0x1fff
            : frame[l3 + 6] == 44 ? bytes.getShort(l3 + 42) & 0xfff8 : 0;
    return field != 0;
  }

  /** Puts the stations, first byte highest. */
  NatModel stations(long to, long from) {
    for (int i = 0; i < 6; i++) {
      frame[i] = (byte) (to >> 40 - 8 * i);
      frame[6 + i] = (byte) (from >> 40 - 8 * i);
    }
    return this;
  }

  NatModel from(String address, int port) {
    return put(source(), address, l4(), port);
  }

  NatModel to(String address, int port) {
    return put(source() + size(), address, l4() + 2, port);
  }

  private NatModel put(int at, String address, int portAt, int port) {
    bytes.put(at, InetAddress.ofLiteral(address).getAddress());
    if (port != 0 && !isLater()) {
      bytes.putShort(portAt, (short) port);
    }
    return this;
  }

  /** One hop less. */
  NatModel older() {
    frame[l3 + (isIpv4 ? 8 : 7)]--;
    return this;
  }

  /** Replaces what an ICMP error quotes. */
  NatModel quoting(byte[] packet) {
    bytes.put(l4() + 8, packet);
    return this;
  }

  /** Makes all checksums anew; a UDP checksum of 0 and those of fragments stay as they are. */
  byte[] bytes() {
    if (isIpv4) {
      bytes.putShort(l3 + 10, (short) 0);
      bytes.putShort(l3 + 10, (short) Frame.checksum(frame, l3, 20));
    }
    boolean isFragment = isIpv4 ? (bytes.getShort(l3 + 6) & 0x3fff) != 0 : frame[l3 + 6] == 44;
    if (!isFragment) {
      checksum();
    }
    return frame;
  }

  private void checksum() {
    int length =
        isIpv4
            ? (bytes.getShort(l3 + 2) & 0xffff) - 20
            : (bytes.getShort(l3 + 4) & 0xffff) - (l4() - l3 - 40);
    int at =
        l4()
            + switch (protocol()) {
              case 6 -> 16;
              case 17 -> 6;
              default -> 2;
            };
    if (protocol() == 17 && isIpv4 && bytes.getShort(at) == 0) {
      return;
    }
    bytes.putShort(at, (short) 0);
    boolean hasPseudoHeader = protocol() != 1;
    ByteBuffer all = ByteBuffer.allocate(length + (hasPseudoHeader ? 2 * size() + 8 : 0));
    if (hasPseudoHeader) {
      all.put(frame, source(), 2 * size()).putInt(length).putInt(protocol());
    }
    all.put(frame, l4(), length);
    int sum = Frame.checksum(all.array(), 0, all.capacity());
    bytes.putShort(at, (short) (sum == 0 && protocol() == 17 ? 0xffff : sum));
  }

  /** With right checksums, as a host sends it; UDP over IPv4 gets one, too. */
  static byte[] sealed(byte[] frame) {
    NatModel model = new NatModel(frame);
    if (model.protocol() == 17 && !model.isLater()) {
      model.bytes.putShort(model.l4() + 6, (short) 1);
    }
    return model.bytes();
  }

  /** The first bytes of a frame's packet. */
  static byte[] packet(byte[] frame, int most) {
    return packet(frame, 0, most);
  }

  /** Bytes of a frame's packet from an offset on. */
  static byte[] packet(byte[] frame, int offset, int most) {
    int from = new NatModel(frame).l3 + offset;
    return Arrays.copyOfRange(frame, from, Math.min(frame.length, from + most));
  }

  String sourceAddress() {
    return text(source());
  }

  String destinationAddress() {
    return text(source() + size());
  }

  private String text(int at) {
    try {
      return Addresses.format(InetAddress.getByAddress(Arrays.copyOfRange(frame, at, at + size())));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  int sourcePort() {
    return bytes.getShort(l4()) & 0xffff;
  }

  int destinationPort() {
    return bytes.getShort(l4() + 2) & 0xffff;
  }

  /** The station that it is for. */
  long station() {
    return bytes.getLong(0) >>> 16;
  }
}
