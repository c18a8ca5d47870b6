package io.synlev.fastpath;

import io.synlev.hash.FlowHash;
import io.synlev.state.Backend;
import io.synlev.state.Forwarding;
import io.synlev.state.PoolSnapshot;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * What should become of a frame, worked out slowly with arrays and buffers: an independent reading
 * of the same specifications. It shares the flow hash, which has tests of its own, and nothing
 * else.
 */
final class Model {

  /** What should happen. */
  enum Fate {
    SENT,
    ANSWERED,
    FREED
  }

  /** A fate and the frame to expect, if any. */
  record Expected(Fate fate, byte[] frame) {
    static final Expected FREED = new Expected(Fate.FREED, null);
  }

  private static final int GOLDEN = 0x9e3779b1;

  private final Map<String, PoolSnapshot> poolByVip;
  private final FlowHash hash;
  private final ForwardingOptions options;
  private final byte[] ownMac;

  Model(Map<String, PoolSnapshot> poolByVip, FlowHash hash, ForwardingOptions options, long mac) {
    this.poolByVip = poolByVip;
    this.hash = hash;
    this.options = options;
    ownMac = mac(mac);
  }

  private static byte[] mac(long bits) {
    return Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(bits).array(), 2, 8);
  }

  Expected of(byte[] frame) {
    ByteBuffer in = ByteBuffer.wrap(frame);
    int l2 = in.getShort(12) == (short) 0x8100 ? 18 : 14;
    int type = in.getShort(l2 - 2) & 0xffff;
    if (type != 0x0800 && type != 0x86dd) {
      return Expected.FREED;
    }
    boolean isIpv4 = type == 0x0800;
    int length = isIpv4 ? in.getShort(l2 + 2) & 0xffff : 40 + (in.getShort(l2 + 4) & 0xffff);
    if (l2 + length > frame.length) {
      return Expected.FREED;
    }
    byte[] packet = Arrays.copyOfRange(frame, l2, l2 + length);
    String vip = address(packet, isIpv4, true);
    PoolSnapshot pool = poolByVip.get(vip);
    if (pool == null) {
      return Expected.FREED;
    }
    int flow = hash(packet, isIpv4);
    int slot = (int) (Integer.toUnsignedLong(flow) * pool.table().length / (1L << 32));
    Backend backend = pool.at(pool.table()[slot]).orElseThrow().backend();
    return pool.settings().forwarding() == Forwarding.L2DSR
        ? rewritten(frame, l2, packet, isIpv4, backend)
        : tunnelled(frame, l2, packet, isIpv4, backend, flow);
  }

  private static String address(byte[] packet, boolean isIpv4, boolean isDestination) {
    int size = isIpv4 ? 4 : 16;
    int at = (isIpv4 ? 12 : 8) + (isDestination ? size : 0);
    return Arrays.toString(Arrays.copyOfRange(packet, at, at + size));
  }

  private int hash(byte[] packet, boolean isIpv4) {
    ByteBuffer in = ByteBuffer.wrap(packet);
    int protocol = packet[isIpv4 ? 9 : 6] & 0xff;
    int header = isIpv4 ? (packet[0] & 0xf) * 4 : 40;
    int ports = in.getInt(header);
    if (protocol == 1 || protocol == 58) {
      ports = in.getShort(header + 4) << 16;
    }
    if (isIpv4 && (in.getShort(6) & 0x3fff) != 0) {
      return hash.ipv4(in.getInt(12), in.getInt(16), 0, 0);
    }
    return isIpv4
        ? hash.ipv4(in.getInt(12), in.getInt(16), ports, protocol)
        : hash.ipv6(in.getLong(8), in.getLong(16), in.getLong(24), in.getLong(32), ports, protocol);
  }

  private Expected rewritten(byte[] frame, int l2, byte[] packet, boolean isIpv4, Backend backend) {
    if (packet.length > options.mtu()) {
      return tooBig(frame, l2, packet, isIpv4, options.mtu());
    }
    if ((packet[isIpv4 ? 8 : 7] & 0xff) <= 1) {
      return answer(frame, l2, packet, isIpv4, isIpv4 ? 11 : 3, 0, 0);
    }
    ByteBuffer out = ByteBuffer.allocate(frame.length);
    out.put(mac(backend.mac().bits())).put(ownMac).put(frame, 12, l2 - 12);
    out.put(older(packet, isIpv4))
        .put(frame, l2 + packet.length, frame.length - l2 - packet.length);
    return new Expected(Fate.SENT, out.array());
  }

  /** With one hop less, the checksum made anew. */
  private static byte[] older(byte[] packet, boolean isIpv4) {
    byte[] older = packet.clone();
    older[isIpv4 ? 8 : 7]--;
    if (isIpv4) {
      older[10] = 0;
      older[11] = 0;
      int checksum = Frame.checksum(older, 0, (older[0] & 0xf) * 4);
      older[10] = (byte) (checksum >> 8);
      older[11] = (byte) checksum;
    }
    return older;
  }

  private Expected tunnelled(
      byte[] frame, int l2, byte[] packet, boolean isIpv4, Backend backend, int flow) {
    boolean isOuterIpv4 = isIpv4 && backend.ipv4() != null;
    if (!isOuterIpv4 && backend.ipv6() == null) {
      return Expected.FREED;
    }
    int outer = isOuterIpv4 ? 20 : 40;
    if (packet.length + outer > options.mtu()) {
      return tooBig(frame, l2, packet, isIpv4, options.mtu() - outer);
    }
    if ((packet[isIpv4 ? 8 : 7] & 0xff) <= 1) {
      return answer(frame, l2, packet, isIpv4, isIpv4 ? 11 : 3, 0, 0);
    }
    ByteBuffer out = ByteBuffer.allocate(l2 + outer + packet.length);
    out.put(mac(backend.mac() == null ? options.routerMac() : backend.mac().bits())).put(ownMac);
    out.put(frame, 12, l2 - 14).putShort((short) (isOuterIpv4 ? 0x0800 : 0x86dd));
    int trafficClass = isIpv4 ? packet[1] & 0xff : (ByteBuffer.wrap(packet).getInt(0) >> 20) & 0xff;
    int spread = flow * GOLDEN;
    if (isOuterIpv4) {
      ByteBuffer ip = ByteBuffer.allocate(20);
      ip.put((byte) 0x45).put((byte) trafficClass).putShort((short) (20 + packet.length));
      ip.putShort((short) 0).putShort((short) 0x4000).put((byte) 64).put((byte) 4);
      ip.putShort((short) 0).putShort((short) 0xac10).putShort((short) (spread >>> 16));
      ip.put(backend.ipv4().getAddress());
      ip.putShort(10, (short) Frame.checksum(ip.array(), 0, 20));
      out.put(ip.array());
    } else {
      out.putInt(6 << 28 | trafficClass << 20 | spread >>> 12).putShort((short) packet.length);
      out.put((byte) (isIpv4 ? 4 : 41)).put((byte) 64);
      out.putLong(0x0100L << 48).putInt(0).putInt(spread).put(backend.ipv6().getAddress());
    }
    return new Expected(Fate.SENT, out.put(older(packet, isIpv4)).array());
  }

  private Expected tooBig(byte[] frame, int l2, byte[] packet, boolean isIpv4, int mtu) {
    return answer(frame, l2, packet, isIpv4, isIpv4 ? 3 : 2, isIpv4 ? 4 : 0, mtu);
  }

  private Expected answer(
      byte[] frame, int l2, byte[] packet, boolean isIpv4, int type, int code, int parameter) {
    if (isIpv4 && (ByteBuffer.wrap(packet).getShort(6) & 0x1fff) != 0) {
      return Expected.FREED;
    }
    int header = isIpv4 ? 20 : 40;
    byte[] quoted =
        Arrays.copyOf(packet, Math.min(packet.length, (isIpv4 ? 576 : 1280) - header - 8));
    ByteBuffer icmp = ByteBuffer.allocate(8 + quoted.length);
    icmp.put((byte) type).put((byte) code).putShort((short) 0).putInt(parameter).put(quoted);
    ByteBuffer out = ByteBuffer.allocate(l2 + header + icmp.capacity());
    out.put(frame, 6, 6).put(frame, 0, 6).put(frame, 12, l2 - 12);
    if (isIpv4) {
      ByteBuffer ip = ByteBuffer.allocate(20);
      ip.put((byte) 0x45).put((byte) 0).putShort((short) (20 + icmp.capacity())).putInt(0);
      ip.put((byte) 64).put((byte) 1).putShort((short) 0);
      ip.put(options.ownIpv4().getAddress()).put(packet, 12, 4);
      ip.putShort(10, (short) Frame.checksum(ip.array(), 0, 20));
      out.put(ip.array());
      icmp.putShort(2, (short) Frame.checksum(icmp.array(), 0, icmp.capacity()));
    } else {
      out.putInt(6 << 28).putShort((short) icmp.capacity()).put((byte) 58).put((byte) 64);
      out.put(options.ownIpv6().getAddress()).put(packet, 8, 16);
      ByteBuffer pseudo = ByteBuffer.allocate(40 + icmp.capacity());
      pseudo.put(options.ownIpv6().getAddress()).put(packet, 8, 16);
      pseudo.putInt(icmp.capacity()).putInt(58).put(icmp.array());
      icmp.putShort(2, (short) Frame.checksum(pseudo.array(), 0, pseudo.capacity()));
    }
    return new Expected(Fate.ANSWERED, out.put(icmp.array()).array());
  }
}
