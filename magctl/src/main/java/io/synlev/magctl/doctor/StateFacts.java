package io.synlev.magctl.doctor;

import io.synlev.state.Backend;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.DaemonRecord;
import io.synlev.state.Instance;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the instance's shared memory says.
 *
 * @param directory where it lives
 * @param refusal why it cannot be read, or null; then what follows is empty
 * @param markMask its bits of the mark
 * @param daemon who serves it, or served it last
 * @param isServed whether that process runs
 * @param contents its pools and services
 * @param generation of the configuration in force
 * @param seen the generation that all workers have reached
 */
public record StateFacts(
    StateDirectory directory,
    String refusal,
    int markMask,
    DaemonRecord daemon,
    boolean isServed,
    Contents contents,
    long generation,
    long seen) {

  /**
   * A backend and the pool it is of.
   *
   * @param isThisHost whether it is this balancer itself in a pool of balancers
   */
  public record Member(PoolContents pool, Backend backend, boolean isThisHost) {
    /** Both names. */
    @Override
    public String toString() {
      return "backend " + backend.name() + " of pool " + pool.name();
    }
  }

  /** Looks. */
  public static StateFacts of(StateDirectory directory) {
    try (Instance instance = Instance.open(directory)) {
      DaemonRecord daemon = instance.daemon();
      return new StateFacts(
          directory,
          null,
          instance.settings().markMask(),
          daemon,
          daemon.isAlive(),
          instance.contents(),
          instance.configurationGeneration(),
          instance.seen());
    } catch (StateException e) {
      return new StateFacts(
          directory, e.getMessage(), 0, DaemonRecord.none(), false, Contents.EMPTY, 0, 0);
    }
  }

  /** Whether it could be read. */
  public boolean isReadable() {
    return refusal == null;
  }

  /** Backends that a service leads to, whatever their state. */
  public List<Member> served() {
    List<Member> members = new ArrayList<>();
    for (PoolContents pool : contents.pools()) {
      if (!vips(pool, false).isEmpty() || !vips(pool, true).isEmpty()) {
        for (Backend backend : pool.backends()) {
          boolean self = backend.fwmark() == pool.settings().ownFwmark();
          members.add(new Member(pool, backend, self));
        }
      }
    }
    return members;
  }

  /** Prefixes that services of a pool have in a family. */
  public List<String> vips(PoolContents pool, boolean ipv6) {
    List<String> vips = new ArrayList<>();
    for (Service service : contents.services()) {
      if (service.pool().equals(pool.name())) {
        service.vips().stream()
            .filter(vip -> vip.ipv6() == ipv6)
            .map(Object::toString)
            .forEach(vips::add);
      }
    }
    return vips;
  }

  /** Prefixes of all services of a family. */
  public List<String> vips(boolean ipv6) {
    List<String> vips = new ArrayList<>();
    contents.pools().forEach(pool -> vips.addAll(vips(pool, ipv6)));
    return vips;
  }

  /** An address in a prefix. */
  public static String addressOf(String prefix) {
    return prefix.substring(0, prefix.indexOf('/'));
  }
}
