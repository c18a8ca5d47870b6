package io.synlev.lbd;

import io.synlev.state.Backend;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Forwarding;
import io.synlev.state.Instance;
import io.synlev.state.Pool;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds backends of translated pools that are gone, or have another mark or address. One thread at
 * a time.
 */
final class RemovedBackends {
  private static final long NEVER = -1;

  private final Instance instance;
  private Map<Place, Backend> present = Map.of();
  private Map<Place, Backend> gone = Map.of();
  private long epochSeen = NEVER;

  /** What a packet that was translated for a backend knows of it. */
  private record Place(String pool, String name, int mark, InetAddress ipv4, InetAddress ipv6) {}

  RemovedBackends(Instance instance) {
    this.instance = instance;
  }

  /**
   * Those that were gone at the last look already, each once: bursts that were decided before have
   * passed by now.
   */
  List<Backend> look() {
    Map<Place, Backend> before = gone;
    gone = new HashMap<>();
    long epoch = instance.epoch();
    if (epoch != epochSeen) {
      Map<Place, Backend> now = read();
      gone.putAll(present);
      gone.keySet().removeAll(now.keySet());
      present = now;
      epochSeen = epoch;
    }
    Set<Place> meant = new HashSet<>(before.keySet());
    meant.removeAll(present.keySet());
    return meant.stream().map(before::get).toList();
  }

  private Map<Place, Backend> read() {
    Map<Place, Backend> read = new HashMap<>();
    for (PoolFile file : instance.configuration().pools()) {
      for (Backend each : instance.look(file.name(), RemovedBackends::translated)) {
        read.put(
            new Place(file.name(), each.name(), each.fwmark(), each.ipv4(), each.ipv6()), each);
      }
    }
    return read;
  }

  private static List<Backend> translated(Pool pool) {
    return pool.settings().forwarding() == Forwarding.NAT ? pool.snapshot().backends() : List.of();
  }
}
