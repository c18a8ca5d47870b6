package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.datapath.HeldPackets;
import io.synlev.ffi.GuardPages;
import io.synlev.hash.Seed;
import io.synlev.memory.Memory;
import io.synlev.state.NextHop;
import io.synlev.state.Prefix;
import io.synlev.steering.fragment.FragmentOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Workers that translate packets, each packet between pages that nobody may touch. Needs no DPDK;
 * time is what the test says.
 */
final class NatBed implements AutoCloseable {

  static final String SOURCE = "203.0.113.1";
  static final String SOURCE_V6 = "2001:db8:5::1";
  static final String VIP = "192.0.2.1";
  static final String VIP_V6 = "2001:db8:1::1";
  static final String BACKEND = "10.1.0.1";
  static final String BACKEND_V6 = "fd00::1";
  static final String CLIENT = "198.51.100.7";
  static final String CLIENT_V6 = "2001:db8:c::7";

  static final long SECOND = 1_000_000_000L;
  static final long NUMBER = 77;
  static final long MAC = 0x02aaaaaaaa01L;

  final Arena arena = Arena.ofShared();
  final GuardPages pages;
  final NatOptions options;
  final NatTables tables;
  final List<Translator> translators = new ArrayList<>();
  final NextHop hop = new NextHop();

  long now = 5 * SECOND;
  long number = NUMBER;
  int backendPort;
  long mac = MAC;

  /** Whether decisions follow flows that are known. */
  boolean isFollowed = true;

  /** What became of the last packet. */
  NatOutcome outcome;

  NatBed(NatOptions options) throws Exception {
    this(options, null);
  }

  NatBed(NatOptions options, HeldPackets held) throws Exception {
    this.options = options;
    pages = new GuardPages(8192);
    long[] memories = new long[options.workers()];
    for (int i = 0; i < memories.length; i++) {
      memories[i] = arena.allocate(options.bytes(), 64).address();
    }
    tables = new NatTables(options, memories, new Seed(3, 4), now);
    FragmentOptions fragments = new FragmentOptions(64, SECOND, 16, 1 << 16);
    for (int i = 0; i < memories.length; i++) {
      translators.add(new Translator(tables, i, fragments, held));
    }
    decide(BACKEND, BACKEND_V6);
  }

  /** One worker, one source address of each family, ports from 1024 on. */
  static NatBed usual() throws Exception {
    return new NatBed(options(1, 1024, 1024, 65535));
  }

  static NatOptions options(int workers, int sessions, int firstPort, int lastPort) {
    return new NatOptions(
        sources(SOURCE, SOURCE_V6),
        firstPort,
        lastPort,
        workers,
        sessions,
        FlowTimeouts.DEFAULT,
        NatOptions.DEFAULT_TIME_WAIT);
  }

  static List<Prefix> sources(String... addresses) {
    return Arrays.stream(addresses).map(Prefix::parse).toList();
  }

  /** Which backend new sessions get; null for no address of a family. */
  void decide(String ipv4, String ipv6) {
    hop.isKnown = true;
    hop.mac = 0x02bbbbbbbb01L;
    hop.hasIpv4 = ipv4 != null;
    hop.ipv4 = ipv4 == null ? 0 : ByteBuffer.wrap(Packet.address(ipv4)).getInt();
    hop.hasIpv6 = ipv6 != null;
    hop.ipv6High = ipv6 == null ? 0 : ByteBuffer.wrap(Packet.address(ipv6)).getLong();
    hop.ipv6Low = ipv6 == null ? 0 : ByteBuffer.wrap(Packet.address(ipv6)).getLong(8);
  }

  Translator translator() {
    return translators.get(0);
  }

  /** What worker 0 makes of a packet from a client, or of an error to the VIP. */
  byte[] toBackend(byte[] packet) {
    return toBackend(0, packet);
  }

  byte[] toBackend(int worker, byte[] packet) {
    long at = pages.placeAtEnd(packet);
    Translator translator = translators.get(worker);
    outcome =
        translator.toBackend(at, packet.length, hop, backendPort, number, isFollowed, mac, now);
    return result(at, packet);
  }

  /** What worker 0 makes of a packet to a source address. */
  byte[] toClient(byte[] packet) {
    return toClient(0, packet);
  }

  byte[] toClient(int worker, byte[] packet) {
    long at = pages.placeAtEnd(packet);
    outcome = translators.get(worker).toClient(at, packet.length, now);
    return result(at, packet);
  }

  private byte[] result(long at, byte[] packet) {
    byte[] now = new byte[packet.length];
    MemorySegment.copy(
        Memory.slice(at, packet.length), 0, MemorySegment.ofArray(now), 0, now.length);
    if (outcome != NatOutcome.TRANSLATED) {
      assertArrayEquals(packet, now, "what is not translated is not changed");
    }
    return now;
  }

  int owner(byte[] packet) {
    return owner(0, packet);
  }

  int owner(int worker, byte[] packet) {
    return translators.get(worker).owner(pages.placeAtEnd(packet), packet.length);
  }

  /** Sends a client's packet that is to be translated; the packet that the backend is to get. */
  Packet send(Packet packet) {
    return send(0, packet);
  }

  Packet send(int worker, Packet packet) {
    byte[] out = toBackend(worker, packet.bytes());
    assertEquals(NatOutcome.TRANSLATED, outcome);
    return read(out, packet);
  }

  /** Sends a backend's packet that is to be translated; the packet that the client is to get. */
  Packet answer(Packet packet) {
    return answer(0, packet);
  }

  Packet answer(int worker, Packet packet) {
    byte[] out = toClient(worker, packet.bytes());
    assertEquals(NatOutcome.TRANSLATED, outcome);
    return read(out, packet);
  }

  /** Says between whom a packet is that was another one; all of its bytes are to be right. */
  static Packet read(byte[] bytes, Packet before) {
    int headerBytes = (before.isIpv6() ? 40 : 20) + before.options().length;
    ByteBuffer packet = ByteBuffer.wrap(bytes);
    Packet after =
        before.between(
            address(bytes, before.isIpv6() ? 8 : 12, before.isIpv6()),
            packet.getShort(headerBytes) & 0xffff,
            address(bytes, before.isIpv6() ? 24 : 16, before.isIpv6()),
            packet.getShort(headerBytes + 2) & 0xffff);
    if (!before.isIpv6() && before.fragment() != Packet.DONT_FRAGMENT) {
      after = after.fragment(packet.getShort(4) & 0xffff, before.fragment());
    }
    assertArrayEquals(after.bytes(), bytes);
    return after;
  }

  static String address(byte[] bytes, int at, boolean isIpv6) {
    try {
      byte[] address = Arrays.copyOfRange(bytes, at, at + (isIpv6 ? 16 : 4));
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  static String full(String address) {
    return InetAddress.ofLiteral(address).getHostAddress();
  }

  long counted(NatCounter counter) {
    return tables.counted(counter);
  }

  @Override
  public void close() {
    pages.close();
    arena.close();
  }
}
