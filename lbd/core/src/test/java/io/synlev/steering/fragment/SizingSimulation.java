package io.synlev.steering.fragment;

import io.synlev.datapath.HeldPackets;
import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.PacketHeaders;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * Fragmented datagrams through a table and a pool, a virtual second long; how many come out whole.
 *
 * <p>Run its main method for the table of docs/fragments.md.
 */
final class SizingSimulation {

  /**
   * @param rate datagrams a second, at random moments
   * @param fragments of each datagram
   * @param spreadNanos from a datagram's first arrival to its last
   * @param reordered the share of datagrams whose fragments come in random order
   * @param firstless other fragments a second whose first one never comes
   */
  record Traffic(int rate, int fragments, long spreadNanos, double reordered, int firstless) {}

  /**
   * @param datagrams how many were sent
   * @param lost how many of them did not come out whole
   * @param mostHeld the most fragments held at once
   * @param evicted held fragments that made room
   * @param forgotten live entries that made room
   */
  record Result(int datagrams, int lost, int mostHeld, long evicted, long forgotten) {}

  private record Arrival(long at, int datagram, int fragment, boolean returned) {}

  private static final long SECOND = 1_000_000_000;
  private static final int PACKET_BYTES = 1500;

  /** From the write to the tun to the queue, generously. */
  private static final long RETURN_NANOS = 100_000;

  private final FragmentOptions options;
  private final Traffic traffic;
  private final SplittableRandom random = new SplittableRandom(5);
  private final PriorityQueue<Arrival> arrivals =
      new PriorityQueue<>((a, b) -> Long.compare(a.at, b.at));
  private final PacketHeaders headers = new PacketHeaders();
  private final FragmentKey key = new FragmentKey();
  private final FragmentTable table;
  private final HeldFragments held;
  private final int[] delivered;
  private Arrival current;
  private int bytes;

  SizingSimulation(FragmentOptions options, Traffic traffic) {
    this.options = options;
    this.traffic = traffic;
    FlowHash hash = new FlowHash(new Seed(3, 4));
    table = new FragmentTable(options.datagrams(), options.lifeNanos(), hash);
    held = new HeldFragments(options.heldFragments(), options.lifeNanos(), hash, new Returning());
    delivered = new int[traffic.rate];
  }

  Result run() {
    for (int datagram = 0; datagram < traffic.rate; datagram++) {
      send(datagram, random.nextLong(SECOND), random.nextDouble() < traffic.reordered);
    }
    for (int i = 0; i < traffic.firstless; i++) {
      arrivals.add(new Arrival(random.nextLong(SECOND), traffic.rate + i, 1, false));
    }
    int mostHeld = 0;
    while (!arrivals.isEmpty()) {
      current = arrivals.poll();
      arrive();
      mostHeld = Math.max(mostHeld, held.size());
    }
    int lost = 0;
    for (int fragments : delivered) {
      lost += fragments < traffic.fragments ? 1 : 0;
    }
    return new Result(traffic.rate, lost, mostHeld, held.evicted(), table.evicted());
  }

  private void send(int datagram, long start, boolean reordered) {
    int[] order = new int[traffic.fragments];
    for (int i = 0; i < order.length; i++) {
      int at = reordered ? random.nextInt(i + 1) : i;
      order[i] = order[at];
      order[at] = i;
    }
    for (int i = 0; i < order.length; i++) {
      long at = start + traffic.spreadNanos * i / (order.length - 1);
      arrivals.add(new Arrival(at, datagram, order[i], false));
    }
  }

  private void arrive() {
    FragmentTableTest.ipv4(key, headers, 17, current.datagram);
    if (current.fragment == 0) {
      table.insert(key, current.at);
      delivered[current.datagram]++;
      held.release(key, true);
    } else if (table.find(key, current.at) != FragmentTable.NONE) {
      delivered[current.datagram]++;
    } else if (!current.returned) {
      held.hold(key, 0, PACKET_BYTES, current.at);
    }
  }

  /** A handle stands for datagram and fragment; what is released arrives a little later. */
  private final class Returning implements HeldPackets {
    @Override
    public int hold(long address, int length) {
      if (bytes + length > options.heldBytes()) {
        return NONE;
      }
      bytes += length;
      return current.datagram * 64 + current.fragment;
    }

    @Override
    public boolean release(int handle) {
      discard(handle);
      arrivals.add(new Arrival(current.at + RETURN_NANOS, handle / 64, handle % 64, true));
      return true;
    }

    @Override
    public void discard(int handle) {
      bytes -= PACKET_BYTES;
    }

    @Override
    public boolean isReturned(int index) {
      return current.returned;
    }
  }

  /** Prints what docs/fragments.md shows. */
  public static void main(String[] args) {
    FragmentOptions usual = FragmentOptions.DEFAULT;
    System.out.println("| table | pool | datagrams/s | spread | reordered | flood/s | lost |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (int rate : new int[] {10_000, 50_000, 200_000}) {
      for (long spread : new long[] {1, 20, 100}) {
        print(usual, new Traffic(rate, 3, spread * 1_000_000, 0, 0));
        print(usual, new Traffic(rate, 3, spread * 1_000_000, 0.1, 0));
      }
    }
    for (int flood : new int[] {20_000, 100_000, 500_000}) {
      for (long spread : new long[] {1, 10}) {
        print(usual, new Traffic(10_000, 3, spread * 1_000_000, 0.0, flood));
        print(usual, new Traffic(10_000, 3, spread * 1_000_000, 0.5, flood));
      }
    }
  }

  private static void print(FragmentOptions options, Traffic traffic) {
    Result result = new SizingSimulation(options, traffic).run();
    System.out.printf(
        "| %d | %d | %d | %d ms | %.0f %% | %d | %.1f %% |%n",
        options.datagrams(),
        options.heldFragments(),
        traffic.rate,
        traffic.spreadNanos / 1_000_000,
        traffic.reordered * 100,
        traffic.firstless,
        100.0 * result.lost / result.datagrams);
  }
}
