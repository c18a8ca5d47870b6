package io.synlev.state;

import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Contents.PoolContents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One change of all pools and services at once. The writer's lock is held.
 *
 * <pre>
 *   1  check everything
 *   2  make a file for each pool that is new or changed, beside the one in force
 *   3  publish one configuration that names the new files and services
 *   4  delete the files that are in force no more
 * </pre>
 *
 * <p>The configuration's generation, one store of eight bytes in step 3, is the only thing that
 * readers look at. Killed before it, a writer leaves the old configuration in force; killed after
 * it, the new one. The files left over are deleted by the next change, so there is nothing to
 * complete and nothing to roll back.
 *
 * <p>If nothing but the backends of one pool changes, its next generation is published in place,
 * which is one such store, too. Backends that stay keep their index and their packet counts; what
 * workers count in the old file while a new one is made is lost.
 */
public final class Replacement {
  /** Is told how far it is; on the thread that changes, or several. */
  @FunctionalInterface
  public interface Progress {
    /** Nobody looks. */
    Progress NONE = (made, all) -> {};

    /** So many of all pools to make are made. */
    void made(int made, int all);
  }

  private final Instance instance;
  private final Registry registry;
  private final PoolSet pools;
  private final Contents before;
  private final Contents after;
  private final PoolFiles files;

  Replacement(
      Instance instance, Registry registry, PoolSet pools, Contents before, Contents after) {
    this.instance = instance;
    this.registry = registry;
    this.pools = pools;
    this.before = before;
    this.after = after;
    this.files = PoolFiles.of(instance.directory());
  }

  void run(Progress progress) {
    for (ContentsRules.Refusal refusal : ContentsRules.check(after, instance.settings())) {
      throw new StateException(refusal.message());
    }
    List<PoolContents> changed = after.pools().stream().filter(pool -> !isThere(pool)).toList();
    if (changed.size() == 1 && isAboutBackendsOf(changed.getFirst())) {
      inPlace(changed.getFirst());
      progress.made(1, 1);
    } else {
      asAWhole(changed, progress);
    }
  }

  private boolean isThere(PoolContents pool) {
    return before.pool(pool.name()).filter(pool::isSamePool).isPresent();
  }

  private Map<String, HealthCheck> checks(Contents contents) {
    Map<String, HealthCheck> checks = new TreeMap<>();
    for (PoolContents pool : contents.pools()) {
      if (pool.check() != null) {
        checks.put(pool.name(), pool.check());
      }
    }
    return checks;
  }

  private boolean isAboutBackendsOf(PoolContents changed) {
    return before.services().equals(after.services())
        && checks(before).equals(checks(after))
        && before.pools().size() == after.pools().size()
        && before
            .pool(changed.name())
            .filter(old -> old.settings().equals(changed.settings()))
            .isPresent();
  }

  private void inPlace(PoolContents changed) {
    pools
        .get(changed.name())
        .publish(
            instance.settings().seed(),
            _ -> changed.backends(),
            registry::beginChange,
            registry::endChange);
  }

  private void asAWhole(List<PoolContents> changed, Progress progress) {
    Configuration inForce = registry.configuration();
    files.sweep(inForce);
    List<PoolFile> named = new ArrayList<>();
    for (PoolContents pool : after.pools()) {
      Optional<PoolFile> old = inForce.pool(pool.name());
      if (!changed.contains(pool)) {
        named.add(old.orElseThrow());
      }
    }
    try {
      for (int from = 0; from < changed.size(); from += BATCH) {
        List<PoolContents> batch = changed.subList(from, Math.min(from + BATCH, changed.size()));
        named.addAll(make(batch, inForce));
        progress.made(from + batch.size(), changed.size());
      }
      named.sort(java.util.Comparator.comparing(PoolFile::name));
      registry.publish(new Configuration(0, named, after.services(), checks(after)));
    } catch (RuntimeException e) {
      undo(inForce, e);
      throw e;
    }
    files.sweep(registry.configuration());
  }

  /** Tables are computed this many at a time, by all processors. */
  private static final int BATCH = 8;

  private List<PoolFile> make(List<PoolContents> batch, Configuration inForce) {
    List<Plan> plans = batch.stream().map(pool -> new Plan(pool, oldPool(pool, inForce))).toList();
    char[][] tables = new char[plans.size()][];
    IntStream.range(0, tables.length)
        .parallel()
        .forEach(i -> tables[i] = plans.get(i).table(instance));
    List<PoolFile> made = new ArrayList<>();
    for (int i = 0; i < tables.length; i++) {
      made.add(create(plans.get(i), tables[i], inForce));
    }
    return made;
  }

  private Pool oldPool(PoolContents pool, Configuration inForce) {
    return inForce.pool(pool.name()).isPresent() ? pools.get(pool.name()) : null;
  }

  private PoolFile create(Plan plan, char[] table, Configuration inForce) {
    PoolSettings settings = plan.wanted.settings();
    Path file =
        inForce
            .pool(settings.name())
            .map(files::beside)
            .orElseGet(() -> instance.directory().pool(settings.name()));
    RegionFile.create(file, PoolLayout.of(settings).bytes(), base -> plan.fill(base, table));
    return PoolFile.of(settings.name(), file);
  }

  private void undo(Configuration inForce, RuntimeException reason) {
    try {
      files.sweep(inForce);
    } catch (StateException e) {
      reason.addSuppressed(e);
    }
  }

  /** A pool to make, and the one that it takes the place of, if there is one. */
  private static final class Plan {
    private final PoolContents wanted;
    private final Pool old;
    private final Backend[] oldPlaces;
    private final Backend[] places;

    Plan(PoolContents wanted, Pool old) {
      this.wanted = wanted;
      this.old = old;
      this.oldPlaces = old == null ? new Backend[0] : old.placed();
      int capacity = wanted.settings().capacity();
      // With another capacity some places do not exist any more: then all are given out anew.
      Backend[] kept = oldPlaces.length == capacity ? oldPlaces : new Backend[capacity];
      this.places = PoolPlan.place(wanted.settings(), kept, wanted.backends());
    }

    char[] table(Instance instance) {
      return PoolPlan.buildTable(wanted.settings(), instance.settings().seed(), places);
    }

    void fill(long base, char[] table) {
      PoolSettings settings = wanted.settings();
      Pool.initialise(base, settings, old == null ? 0 : old.generation() + 1, places, table);
      Map<String, Integer> oldIndices = new HashMap<>();
      for (int i = 0; i < oldPlaces.length; i++) {
        if (oldPlaces[i] != null) {
          oldIndices.put(oldPlaces[i].name(), i);
        }
      }
      for (int i = 0; i < places.length; i++) {
        Integer from = places[i] == null ? null : oldIndices.get(places[i].name());
        if (from != null) {
          old.copyPackets(from, base, PoolLayout.of(settings), i);
        }
      }
    }
  }
}
