package io.synlev.fastpath;

import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTimeouts;
import io.synlev.datapath.HeldPackets;
import io.synlev.hash.Seed;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Forwarding;
import io.synlev.state.HashOn;
import io.synlev.state.Health;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.MacAddress;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import io.synlev.steering.Steering;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import io.synlev.steering.fragment.FragmentOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An instance with a pool "web" of ten backends for 192.0.2.1 and 2001:db8:1::1, and workers with
 * connection tables that decide about packets. Needs no DPDK; time is what the test says.
 */
final class ConnectionBed implements AutoCloseable {

  static final int WORKERS = 2;
  static final int MARK = 101;
  static final long SECOND = 1_000_000_000L;

  final Arena arena = Arena.ofShared();
  final Instance instance;
  final Views views;
  final ConnectionOptions options;
  final List<ConnectionTable> tables = new ArrayList<>();
  final List<Counters> counters = new ArrayList<>();
  final List<Steering> steerings = new ArrayList<>();
  volatile long now = 5 * SECOND;

  ConnectionBed(Path directory, int insertions) throws Exception {
    instance =
        Instance.create(
            new StateDirectory(directory.resolve("state"), "t"),
            new InstanceSettings(new Seed(1, 2), 0xfff));
    pool("web", MARK, Policy.MAGLEV);
    instance.updateServices(
        _ -> List.of(service("web", "web", "192.0.2.1/32", "2001:db8:1::1/128")));
    views = new Views(View.compile(instance, WORKERS), WORKERS);
    options = new ConnectionOptions(4096, insertions, FlowTimeouts.DEFAULT);
    for (int worker = 0; worker < WORKERS; worker++) {
      counters.add(new Counters());
      tables.add(
          new ConnectionTable(
              arena.allocate(options.bytes(), 64).address(), options, counters.get(worker), now));
      steerings.add(
          new Steering(
              instance,
              views,
              worker,
              SteeringOptions.DEFAULT,
              tables.get(worker),
              new FragmentOptions(64, SECOND, 16, 1 << 16),
              new NoRoom()));
    }
    SharedTables all = new SharedTables(tables);
    tables.forEach(table -> table.join(all));
  }

  void pool(String name, int mark, Policy policy) {
    List<Backend> backends = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      backends.add(backend(name + i, mark + i));
    }
    PoolSettings settings = new PoolSettings(name, 997, 16, policy, HashOn.TUPLE, 0);
    instance.createPool(settings.with(Forwarding.L2DSR), backends);
  }

  static Backend backend(String name, int mark) {
    return new Backend(
        name, mark, 1, AdminState.ACTIVE, Health.UP, null, null, new MacAddress(0x0200L + mark));
  }

  static Service service(String name, String pool, String... vips) {
    return new Service(name, pool, Arrays.stream(vips).map(Prefix::parse).toList());
  }

  /** Puts new services or pools in force. */
  void sync() throws InterruptedException {
    views.swap(View.compile(instance, WORKERS));
  }

  /** What a worker decides about frames that arrive together. */
  Decision[] decide(int worker, List<byte[]> frames) {
    try (Arena burst = Arena.ofConfined()) {
      int count = frames.size();
      long[] addresses = new long[count];
      int[] lengths = new int[count];
      Decision[] out = new Decision[count];
      for (int i = 0; i < count; i++) {
        byte[] packet = Arrays.copyOfRange(frames.get(i), 14, frames.get(i).length);
        MemorySegment copy = burst.allocate(packet.length);
        copy.copyFrom(MemorySegment.ofArray(packet));
        addresses[i] = copy.address();
        lengths[i] = packet.length;
        out[i] = new Decision();
      }
      steerings.get(worker).decideBatch(addresses, lengths, count, now, out);
      return out;
    }
  }

  Decision decide(int worker, byte[] frame) {
    return decide(worker, List.of(frame))[0];
  }

  /** The marks that flows of so many clients get, packet by packet. */
  int[] marks(int worker, List<byte[]> frames) {
    int[] marks = new int[frames.size()];
    for (int i = 0; i < marks.length; i++) {
      marks[i] = decide(worker, frames.get(i)).mark;
    }
    return marks;
  }

  long counted(int worker, FastPathCounter counter) {
    return counters.get(worker).get(counter);
  }

  @Override
  public void close() {
    instance.close();
    arena.close();
  }

  /** Holds nothing. */
  private static final class NoRoom implements HeldPackets {
    @Override
    public int hold(long address, int length) {
      return NONE;
    }

    @Override
    public boolean release(int handle) {
      return false;
    }

    @Override
    public void discard(int handle) {
      throw new AssertionError("nothing was held");
    }

    @Override
    public boolean isReturned(int index) {
      return false;
    }
  }
}
