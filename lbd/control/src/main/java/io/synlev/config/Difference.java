package io.synlev.config;

import io.synlev.state.Backend;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Forwarding;
import io.synlev.state.HealthCheck;
import io.synlev.state.PoolSettings;
import io.synlev.state.Service;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What turns one state of an instance into another, in the order in which clients would have it:
 * pools, then services, then what goes. (All of it is published at once.)
 *
 * @param changes in that order; empty if both are the same
 */
public record Difference(List<Change> changes) {
  /** What happens to a part. */
  public enum Kind {
    ADD,
    CHANGE,
    REMOVE
  }

  /**
   * A change of one part.
   *
   * @param kind what happens to it
   * @param field where it stands in a file
   * @param before its keys and values that are no more, as in a file
   * @param after its keys and values that are new
   */
  public record Change(Kind kind, String field, List<String> before, List<String> after) {}

  public Difference {
    changes = List.copyOf(changes);
  }

  /** Compares. */
  public static Difference between(Contents before, Contents after) {
    List<Change> changes = new ArrayList<>();
    List<Change> removals = new ArrayList<>();
    Map<String, PoolContents> oldPools = byName(before.pools(), PoolContents::name);
    for (PoolContents pool : after.pools()) {
      PoolContents old = oldPools.remove(pool.name());
      compare(
          Section.POOL,
          "pools." + pool.name(),
          old == null ? null : fields(old.settings()),
          fields(pool.settings()),
          changes);
      healthCheck(old, pool, changes, removals);
      backends(old, pool, changes, removals);
    }
    List<Change> goneServices = new ArrayList<>();
    Map<String, Service> oldServices = byName(before.services(), Service::name);
    for (Service service : after.services()) {
      Service old = oldServices.remove(service.name());
      compare(
          Section.SERVICE,
          "services." + service.name(),
          old == null ? null : ConfigWriter.fields(old),
          ConfigWriter.fields(service),
          changes);
    }
    for (Service service : oldServices.values()) {
      goneServices.add(
          new Change(
              Kind.REMOVE, "services." + service.name(), ConfigWriter.fields(service), List.of()));
    }
    for (PoolContents pool : oldPools.values()) {
      removals.add(
          new Change(
              Kind.REMOVE,
              "pools." + pool.name(),
              List.of(pool.backends().size() + " backends"),
              List.of()));
    }
    changes.addAll(goneServices);
    changes.addAll(removals);
    return new Difference(changes);
  }

  private static void healthCheck(
      PoolContents old, PoolContents pool, List<Change> changes, List<Change> removals) {
    String field = "pools." + pool.name() + ".health-check";
    HealthCheck was = old == null ? null : old.check();
    if (pool.check() != null) {
      compare(
          Section.HEALTH_CHECK,
          field,
          was == null ? null : ConfigWriter.fields(was),
          ConfigWriter.fields(pool.check()),
          changes);
    } else if (was != null) {
      removals.add(new Change(Kind.REMOVE, field, ConfigWriter.fields(was), List.of()));
    }
  }

  private static void backends(
      PoolContents old, PoolContents pool, List<Change> changes, List<Change> removals) {
    Map<String, Backend> were =
        byName(old == null ? List.<Backend>of() : old.backends(), Backend::name);
    for (Backend backend : pool.backends()) {
      Backend was = were.remove(backend.name());
      compare(
          Section.BACKEND,
          ConfigFile.field(pool, backend.name()),
          was == null ? null : ConfigWriter.fields(was),
          ConfigWriter.fields(backend),
          changes);
    }
    for (Backend gone : were.values()) {
      removals.add(
          new Change(
              Kind.REMOVE,
              ConfigFile.field(pool, gone.name()),
              ConfigWriter.fields(gone),
              List.of()));
    }
  }

  private static <T> Map<String, T> byName(List<T> parts, Function<T, String> name) {
    Map<String, T> byName = new LinkedHashMap<>();
    parts.forEach(part -> byName.put(name.apply(part), part));
    return byName;
  }

  private static List<String> fields(PoolSettings settings) {
    List<String> fields = new ArrayList<>();
    fields.add("slots: " + settings.slots());
    fields.add("capacity: " + settings.capacity());
    fields.add("policy: " + settings.policy().label());
    fields.add("hash: " + settings.hashOn().label());
    if (settings.ownFwmark() != 0) {
      fields.add("own-fwmark: " + Integer.toUnsignedString(settings.ownFwmark()));
    }
    if (settings.forwarding() != Forwarding.L2DSR) {
      fields.add("forwarding: " + settings.forwarding().label());
    }
    return fields;
  }

  private static void compare(
      Section section,
      String field,
      List<String> before,
      List<String> after,
      List<Change> changes) {
    if (before == null) {
      changes.add(new Change(Kind.ADD, field, List.of(), after));
    } else if (!before.equals(after)) {
      List<String> were = new ArrayList<>(before);
      List<String> are = new ArrayList<>(after);
      addUsual(section, before, are);
      addUsual(section, after, were);
      changes.add(
          new Change(
              Kind.CHANGE,
              field,
              were.stream().filter(each -> !are.contains(each)).toList(),
              are.stream().filter(each -> !were.contains(each)).toList()));
    }
  }

  /** Adds what holds without them for keys that only the other side has. */
  private static void addUsual(Section section, List<String> there, List<String> here) {
    for (Key key : Key.of(section)) {
      String begin = key.name() + ": ";
      if (there.stream().anyMatch(each -> each.startsWith(begin))
          && here.stream().noneMatch(each -> each.startsWith(begin))) {
        here.add(begin + key.usualWord());
      }
    }
  }

  public boolean isEmpty() {
    return changes.isEmpty();
  }

  /** How many changes are of a kind. */
  public long count(Kind kind) {
    return changes.stream().filter(change -> change.kind() == kind).count();
  }
}
