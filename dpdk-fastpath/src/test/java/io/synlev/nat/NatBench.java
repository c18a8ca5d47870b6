package io.synlev.nat;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.hash.Seed;
import io.synlev.memory.Memory;
import io.synlev.state.NextHop;
import io.synlev.state.Prefix;
import io.synlev.steering.fragment.FragmentOptions;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Packets of random sessions, translated one by one, and approached in bursts of 64 before: ns
 * each, least round; and sessions begun. One worker, in ordinary pages, packets of 40 bytes that
 * are always in the cache.
 *
 * <p>Arguments: sessions, seconds of each kind.
 */
final class NatBench {

  private static final int ROUND = 1 << 15;
  private static final int PORTS = 64512;
  private static final int BYTES = 40;
  private static final int BURST = 64;
  private static final int APART = 64;

  private final int sessions;
  private final Translator translator;
  private final NextHop hop = new NextHop();
  private final long packets;
  private final long[] addresses = new long[BURST];
  private final int[] lengths = new int[BURST];
  private boolean approaches;

  /** The one in hand. */
  private long packet;

  private final long[] template = new long[BYTES / 8];
  private final long[] sources;
  private long state = 88172645463325252L;
  private long now = 1L << 40;

  private NatBench(int sessions, Arena arena) {
    this.sessions = sessions;
    sources = new long[sessions];
    List<Prefix> from =
        IntStream.range(0, Math.ceilDiv(sessions, PORTS))
            .mapToObj(i -> Prefix.parse("203.0.113." + (i + 1)))
            .toList();
    NatOptions options = new NatOptions(from, 1024, 65535, 1, sessions, FlowTimeouts.DEFAULT, 120);
    long memory = arena.allocate(options.bytes(), 64).address();
    NatTables tables = new NatTables(options, new long[] {memory}, new Seed(1, 2), now);
    translator = new Translator(tables, 0, FragmentOptions.DEFAULT, null);
    packets = arena.allocate(BURST * APART, 64).address();
    packet = packets;
    for (int i = 0; i < BURST; i++) {
      addresses[i] = packets + (long) i * APART;
      lengths[i] = BYTES;
    }
    hop.isKnown = true;
    hop.hasIpv4 = true;
    hop.ipv4 = 0x0a010001;
  }

  public static void main(String[] arguments) {
    double seconds = Double.parseDouble(arguments[1]);
    try (Arena arena = Arena.ofConfined()) {
      NatBench bench = new NatBench(Integer.parseInt(arguments[0]), arena);
      bench.begin();
      bench.measure("to the backend", seconds, true);
      bench.measure("to the client", seconds, false);
      bench.approaches = true;
      bench.measure("to the backend, in bursts", seconds, true);
      bench.measure("to the client, in bursts", seconds, false);
    }
  }

  private void make(byte[] bytes) {
    for (int i = 0; i < BYTES; i++) {
      Memory.putByte(packet + i, bytes[i]);
    }
    for (int i = 0; i < template.length; i++) {
      template[i] = Memory.getLong(packet + 8L * i);
    }
  }

  private void client(int session) {
    copy();
    Memory.putIntBe(packet, 12, 0x64000000 + session / 256);
    Memory.putShortBe(packet, 20, (short) (session % 256 + 1));
  }

  private void copy() {
    for (int i = 0; i < template.length; i++) {
      Memory.putLong(packet + 8L * i, template[i]);
    }
  }

  private void backend(int session) {
    copy();
    Memory.putIntBe(packet, 16, (int) (sources[session] >>> 16));
    Memory.putShortBe(packet, 22, (short) sources[session]);
  }

  private void begin() {
    make(Packet.tcp("100.64.0.1", 1, "192.0.2.1", 80, Packet.SYN).bytes());
    long before = System.nanoTime();
    for (int i = 0; i < sessions; i++) {
      client(i);
      translate(true);
      long source = Memory.getIntBe(packet, 12) & 0xffff_ffffL;
      sources[i] = source << 16 | Memory.getUnsignedShortBe(packet, 20);
    }
    long nanos = System.nanoTime() - before;
    System.out.printf(Locale.ROOT, "%-26s %6.1f ns%n", "sessions begun", 1.0 * nanos / sessions);
  }

  private void translate(boolean isToBackend) {
    NatOutcome outcome =
        isToBackend
            ? translator.toBackend(packet, BYTES, hop, 0, 1, true, 2, now)
            : translator.toClient(packet, BYTES, now);
    if (outcome != NatOutcome.TRANSLATED) {
      throw new IllegalStateException(outcome.toString());
    }
  }

  private void measure(String what, double seconds, boolean isToBackend) {
    make(
        isToBackend
            ? Packet.tcp("100.64.0.1", 1, "192.0.2.1", 80, Packet.ACK).bytes()
            : Packet.tcp("10.1.0.1", 80, "203.0.113.1", 1, Packet.ACK).bytes());
    long end = System.nanoTime() + (long) (seconds * 1e9);
    double least = Double.MAX_VALUE;
    while (System.nanoTime() < end) {
      long before = System.nanoTime();
      for (int i = 0; i < ROUND; i += BURST) {
        burst(isToBackend);
      }
      least = Math.min(least, (double) (System.nanoTime() - before) / ROUND);
      now += 1_000_000;
      translator.sweep(now);
    }
    System.out.printf(Locale.ROOT, "%-26s %6.1f ns%n", what, least);
  }

  private void burst(boolean isToBackend) {
    for (long address : addresses) {
      packet = address;
      next(isToBackend);
    }
    if (approaches) {
      translator.approach(addresses, lengths, BURST);
    }
    for (long address : addresses) {
      packet = address;
      translate(isToBackend);
    }
  }

  private void next(boolean isToBackend) {
    state ^= state << 13;
    state ^= state >>> 7;
    state ^= state << 17;
    int session = (int) ((state & 0xffff_ffffL) * sessions >>> 32);
    if (isToBackend) {
      client(session);
    } else {
      backend(session);
    }
  }
}
