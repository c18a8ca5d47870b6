package io.synlev.steering;

import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.Reason;
import io.synlev.ffi.GuardPages;
import io.synlev.ffi.NativeException;
import io.synlev.hash.Seed;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An instance in a directory of its own, with the services that the captured packets are for.
 *
 * <ul>
 *   <li>{@code web}: 192.0.2.2/32 and 2001:db8::2/128, ten backends with the marks 101 to 110
 *   <li>{@code sticky}: 198.51.100.0/24, hashed on addresses
 *   <li>{@code closed}: 203.0.113.0/24, no active backend
 * </ul>
 */
final class Testbed implements AutoCloseable {

  static final Seed SEED = new Seed(0x0123_4567_89ab_cdefL, 0xfedc_ba98_7654_3210L);
  static final int SLOTS = 997;

  final Instance instance;
  final Views views;
  private final GuardPages memory;
  private final Decision decision = new Decision();

  Testbed(Path base) throws NativeException {
    this(base, 0xfff);
  }

  Testbed(Path base, int markMask) throws NativeException {
    memory = new GuardPages(1 << 16);
    instance =
        Instance.create(
            new StateDirectory(base.resolve("state"), "test"),
            new InstanceSettings(SEED, markMask));
    pool("web", HashOn.TUPLE, backends(101, 10));
    pool("sticky", HashOn.ADDRESSES, backends(201, 10));
    pool(
        "closed",
        HashOn.TUPLE,
        backends(301, 2).stream().map(b -> b.with(AdminState.INACTIVE)).toList());
    instance.updateServices(
        services ->
            List.of(
                service("web", "web", "192.0.2.2/32", "2001:db8::2/128"),
                service("sticky", "sticky", "198.51.100.0/24"),
                service("closed", "closed", "203.0.113.0/24")));
    views = new Views(View.compile(instance, 2), 2);
  }

  private void pool(String name, HashOn on, List<Backend> backends) {
    instance.createPool(new PoolSettings(name, SLOTS, 16, Policy.MAGLEV, on, 0), backends);
  }

  /** Adds a pool of three balancers with the marks 901 to 903. */
  void joinTier(int ownMark) throws InterruptedException {
    instance.createPool(
        new PoolSettings("balancers", SLOTS, 16, Policy.MAGLEV, HashOn.TUPLE, ownMark),
        backends(901, 3));
    views.swap(View.compile(instance, 2));
  }

  static List<Backend> backends(int firstMark, int count) {
    return IntStream.range(firstMark, firstMark + count)
        .mapToObj(mark -> Backend.of("s" + mark, mark))
        .toList();
  }

  static Service service(String name, String pool, String... vips) {
    List<Prefix> prefixes = new ArrayList<>();
    for (String vip : vips) {
      prefixes.add(Prefix.parse(vip));
    }
    return new Service(name, pool, prefixes);
  }

  Steering steering(SteeringOptions options) {
    return new Steering(instance, views, 0, options, FlowTable.EMPTY);
  }

  /** What a fresh steering with these options decides about a packet, alone and uncounted. */
  Decision decide(SteeringOptions options, byte[] packet) {
    steering(options).decide(place(packet), packet.length, 0, decision);
    return decision;
  }

  Decision decide(byte[] packet) {
    return decide(SteeringOptions.DEFAULT, packet);
  }

  /** Puts a packet where forbidden memory begins behind it; only one at a time. */
  long place(byte[] packet) {
    return memory.placeAtEnd(packet);
  }

  /** Decides a batch of the same packet. */
  Decision[] decideBatch(Steering steering, byte[] packet, int count) {
    long[] addresses = new long[count];
    int[] lengths = new int[count];
    Decision[] out = new Decision[count];
    long address = place(packet);
    for (int i = 0; i < count; i++) {
      addresses[i] = address;
      lengths[i] = packet.length;
      out[i] = new Decision();
    }
    steering.decideBatch(addresses, lengths, count, 0, out);
    return out;
  }

  /** The mark that a pool's table has for a hash: the share of the 32 bits is the slot. */
  int markOf(String pool, int hash) {
    PoolSnapshot snapshot = instance.snapshot(pool);
    int slot = (int) (Integer.toUnsignedLong(hash) * snapshot.table().length >>> 32);
    return snapshot.at(snapshot.table()[slot]).orElseThrow().backend().fwmark();
  }

  long counted(Reason reason) {
    return instance.counters(0).get(reason.id());
  }

  long packets(String pool) {
    return instance.snapshot(pool).members().stream()
        .mapToLong(member -> instance.pool(pool).packets(member.index()))
        .sum();
  }

  @Override
  public void close() {
    instance.close();
    memory.close();
  }
}
