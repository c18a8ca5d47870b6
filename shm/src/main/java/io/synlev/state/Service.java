package io.synlev.state;

import java.util.List;
import java.util.Objects;

/**
 * What clients address, and the pool that answers.
 *
 * <p>Of several services that a packet fits, the one of the highest priority gets it; among those,
 * the one with the longest VIP prefix, then with fewer destination ports, a longer source prefix,
 * fewer source ports, more conditions, fewer protocols, and at last the one whose name comes first.
 *
 * @param name unique in the instance
 * @param pool name of the pool
 * @param priority {@value #MIN_PRIORITY} to {@value #MAX_PRIORITY}, 0 unless there is a reason
 * @param match which packets are its own
 * @param handling what is done with them
 */
public record Service(
    String name, String pool, int priority, ServiceMatch match, ServiceHandling handling) {
  public static final int MIN_PRIORITY = -32768;
  public static final int MAX_PRIORITY = 32767;

  public Service {
    Names.check("service", name);
    Objects.requireNonNull(pool);
    if (priority < MIN_PRIORITY || priority > MAX_PRIORITY) {
      throw new StateException(
          "service '%s' has priority %d: choose from %d to %d"
              .formatted(name, priority, MIN_PRIORITY, MAX_PRIORITY));
    }
    ServiceRules.check(name, match, handling);
  }

  /** Whatever is sent to these VIPs goes to the pool; everything else as pool and daemon say. */
  public Service(String name, String pool, List<Prefix> vips) {
    this(name, pool, 0, ServiceMatch.of(vips), ServiceHandling.DEFAULT);
  }

  /** The same with another pool. */
  public Service withPool(String other) {
    return new Service(name, other, priority, match, handling);
  }

  /** The same with another priority. */
  public Service withPriority(int other) {
    return new Service(name, pool, other, match, handling);
  }

  /** The same for other packets. */
  public Service with(ServiceMatch other) {
    return new Service(name, pool, priority, other, handling);
  }

  /** The same with its packets handled otherwise. */
  public Service with(ServiceHandling other) {
    return new Service(name, pool, priority, match, other);
  }

  /** Prefixes of its virtual IPs. */
  public List<Prefix> vips() {
    return match.vips();
  }
}
