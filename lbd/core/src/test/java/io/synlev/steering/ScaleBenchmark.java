package io.synlev.steering;

import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.state.HashOn;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What a decision costs with 2,000 services over what it costs with one, and with 10,000 backends
 * over ten: SYNs of random clients, in batches of 64, decided and counted; a table of 65,537 slots.
 * Not a test: {@code ./synlev bench scale} runs it.
 *
 * <p>Prints, for each case and family, nanoseconds a packet with few and with many (least and
 * median of alternating rounds), the ratio of the least and the median of the rounds' ratios.
 */
final class ScaleBenchmark {

  private static final int BATCH = 64;
  private static final int PACKETS = 8_192;
  private static final int PASSES = 20;
  private static final int ROUNDS = 61;

  /** How services differ. */
  private enum Layout {
    /** Each has a VIP and a port of its own. */
    EXACT,
    /** One VIP, each with a port of its own. */
    PORTS,
    /** Each has a VIP of its own, and all ports. */
    VIPS,
    /** One VIP, each with a range of eight ports. */
    RANGES,
    /** One service, many backends. */
    BACKENDS
  }

  private ScaleBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path base = Files.createTempDirectory(Path.of("/dev/shm"), "scale-benchmark");
    try {
      for (Layout layout : Layout.values()) {
        for (boolean ipv6 : new boolean[] {false, true}) {
          compare(base.resolve(layout + "-" + ipv6), layout, ipv6);
        }
      }
    } finally {
      try (var files = Files.walk(base)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static void compare(Path base, Layout layout, boolean ipv6) throws Exception {
    Files.createDirectories(base.resolve("1"));
    Files.createDirectories(base.resolve("n"));
    boolean isBackends = layout == Layout.BACKENDS;
    try (Side one = new Side(base.resolve("1"), layout, ipv6, 1, isBackends ? 10 : 100);
        Side many =
            isBackends
                ? new Side(base.resolve("n"), layout, ipv6, 1, 10_000)
                : new Side(base.resolve("n"), layout, ipv6, 2_000, 100)) {
      double[] ones = new double[ROUNDS];
      double[] manys = new double[ROUNDS];
      double[] ratios = new double[ROUNDS];
      for (int warm = 0; warm < 20; warm++) {
        one.round();
        many.round();
      }
      for (int i = 0; i < ROUNDS; i++) {
        boolean first = (i & 1) == 0;
        double a = first ? one.round() : many.round();
        double b = first ? many.round() : one.round();
        ones[i] = first ? a : b;
        manys[i] = first ? b : a;
        ratios[i] = manys[i] / ones[i];
      }
      System.out.printf(
          "%-8s %s  few: %5.1f / %5.1f ns  many: %5.1f / %5.1f ns  ratio %.3f / %.3f%n",
          layout,
          ipv6 ? "IPv6" : "IPv4",
          least(ones),
          median(ones),
          least(manys),
          median(manys),
          least(manys) / least(ones),
          median(ratios));
    }
  }

  private static double least(double[] values) {
    return Arrays.stream(values).min().orElseThrow();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** An instance with its packets. */
  private static final class Side implements AutoCloseable {
    private final Testbed bed;
    private final Steering steering;
    private final Arena arena = Arena.ofShared();
    private final long[][] addresses = new long[PACKETS / BATCH][BATCH];
    private final int[] lengths = new int[BATCH];
    private final Decision[] out = new Decision[BATCH];

    Side(Path base, Layout layout, boolean ipv6, int count, int backends) throws Exception {
      bed = new Testbed(base, 0xffff);
      bed.instance.createPool(
          new PoolSettings("large", 65_537, backends, Policy.MAGLEV, HashOn.TUPLE, 0),
          Testbed.backends(1_000, backends));
      List<Service> services = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        services.add(service(layout, ipv6, i));
      }
      bed.instance.updateServices(before -> services);
      bed.views.swap(View.compile(bed.instance, 2));
      steering = bed.steering(SteeringOptions.DEFAULT);
      SplittableRandom random = new SplittableRandom(5);
      int length = ipv6 ? 60 : 40;
      Arrays.fill(lengths, length);
      for (int i = 0; i < BATCH; i++) {
        out[i] = new Decision();
      }
      for (int i = 0; i < PACKETS; i++) {
        MemorySegment copy = arena.allocate(length, 64);
        byte[] packet = packet(layout, ipv6, random.nextInt(count), random);
        MemorySegment.copy(packet, 0, copy, ValueLayout.JAVA_BYTE, 0, length);
        addresses[i / BATCH][i % BATCH] = copy.address();
      }
      round();
      for (Decision decision : out) {
        if (decision.reason != Reason.FORWARDED_TCP) {
          throw new IllegalStateException(layout + ": " + decision.reason);
        }
      }
    }

    private static int vip(Layout layout, int service) {
      return layout == Layout.EXACT || layout == Layout.VIPS ? 7 * service + 1 : 1;
    }

    private static int port(Layout layout, int service) {
      return switch (layout) {
        case EXACT -> 80 + service % 3;
        case PORTS -> 1_000 + service;
        case VIPS, BACKENDS -> 80;
        case RANGES -> 1_000 + 8 * service;
      };
    }

    private static Service service(Layout layout, boolean ipv6, int i) {
      int vip = vip(layout, i);
      int port = port(layout, i);
      Prefix prefix =
          ipv6
              ? new Prefix(true, 0x2001_0db8_0000_0000L, vip, 128)
              : new Prefix(false, 0, 0x0a00_0000 | vip, 32);
      ServiceMatch match = ServiceMatch.of(List.of(prefix)).withProtocols(Set.of(Protocol.TCP));
      return new Service(
          "s" + i,
          "large",
          0,
          switch (layout) {
            case EXACT, PORTS -> match.withPorts(List.of(new PortRange(port, port)));
            case VIPS, BACKENDS -> match;
            case RANGES -> match.withPorts(List.of(new PortRange(port, port + 7)));
          },
          ServiceHandling.DEFAULT);
    }

    private static byte[] packet(Layout layout, boolean ipv6, int i, SplittableRandom random) {
      ByteBuffer packet = ByteBuffer.allocate(ipv6 ? 60 : 40);
      int tcp = ipv6 ? 40 : 20;
      if (ipv6) {
        packet.putInt(0, 0x6000_0000).putShort(4, (short) 20).put(6, (byte) 6);
        packet.putLong(8, random.nextLong()).putLong(16, random.nextLong());
        packet.putLong(24, 0x2001_0db8_0000_0000L).putLong(32, vip(layout, i));
      } else {
        packet.putInt(0, 0x4500_0028).put(9, (byte) 6);
        packet.putInt(12, random.nextInt()).putInt(16, 0x0a00_0000 | vip(layout, i));
      }
      packet.putShort(tcp, (short) random.nextInt());
      packet.putShort(tcp + 2, (short) port(layout, i));
      packet.put(tcp + 12, (byte) 0x50).put(tcp + 13, (byte) 2);
      return packet.array();
    }

    /** Nanoseconds a packet. */
    double round() {
      long start = System.nanoTime();
      for (int pass = 0; pass < PASSES; pass++) {
        for (long[] batch : addresses) {
          steering.decideBatch(batch, lengths, BATCH, 0, out);
        }
      }
      return (double) (System.nanoTime() - start) / ((long) PASSES * PACKETS);
    }

    @Override
    public void close() {
      bed.close();
      arena.close();
    }
  }
}
