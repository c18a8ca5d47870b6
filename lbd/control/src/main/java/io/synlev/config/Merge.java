package io.synlev.config;

import io.synlev.config.ConfigFile.BackendPart;
import io.synlev.config.ConfigFile.PoolPart;
import io.synlev.state.Backend;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Health;
import io.synlev.state.InstanceSettings;
import io.synlev.state.PoolSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a file says, completed by what is in force: marks that it leaves open, and health. */
final class Merge {
  private final ConfigFile file;
  private final Contents before;
  private final int mask;
  private final Set<Integer> taken = new HashSet<>();
  private int last;

  Merge(ConfigFile file, Contents before, InstanceSettings settings) {
    this.file = file;
    this.before = before;
    this.mask = settings.markMask();
  }

  Contents contents() {
    for (PoolPart pool : file.pools()) {
      for (BackendPart backend : pool.backends()) {
        taken.add(backend.fwmark());
      }
    }
    List<Map<String, Backend>> old = new ArrayList<>();
    List<Map<String, Integer>> marks = new ArrayList<>();
    for (PoolPart pool : file.pools()) {
      Map<String, Backend> were = backends(pool.settings().name());
      old.add(were);
      marks.add(kept(pool, were));
    }
    List<PoolContents> pools = new ArrayList<>();
    for (int i = 0; i < file.pools().size(); i++) {
      PoolPart pool = file.pools().get(i);
      List<Backend> backends = new ArrayList<>();
      for (BackendPart part : pool.backends()) {
        int mark = marks.get(i).getOrDefault(part.name(), 0);
        Backend backend = backend(pool, part, mark == 0 ? next() : mark, old.get(i));
        if (backend != null) {
          backends.add(backend);
        }
      }
      pools.add(new PoolContents(settings(pool), backends, pool.check()));
    }
    return new Contents(pools, file.services());
  }

  private Map<String, Backend> backends(String pool) {
    Map<String, Backend> byName = new HashMap<>();
    before
        .pool(pool)
        .ifPresent(known -> known.backends().forEach(each -> byName.put(each.name(), each)));
    return byName;
  }

  /** Marks that are said, and those that backends have and nobody else is given. */
  private Map<String, Integer> kept(PoolPart pool, Map<String, Backend> were) {
    Map<String, Integer> marks = new HashMap<>();
    for (BackendPart part : pool.backends()) {
      Backend was = were.get(part.name());
      if (part.fwmark() != 0) {
        marks.put(part.name(), part.fwmark());
      } else if (was != null && taken.add(was.fwmark())) {
        marks.put(part.name(), was.fwmark());
      }
    }
    return marks;
  }

  private Backend backend(PoolPart pool, BackendPart part, int mark, Map<String, Backend> were) {
    if (mark == 0) {
      file.problems()
          .add(
              "pools." + pool.settings().name() + ".backends." + part.name(),
              "no fwmark within the mark mask %#x is free: remove backends, or make the instance"
                      .formatted(mask)
                  + " anew with a wider mask");
      return null;
    }
    // What a check found holds for as long as there is one; what a person found, always.
    boolean forgets = pool.check() == null && wasChecked(pool);
    Backend was = forgets ? null : were.get(part.name());
    return new Backend(
        part.name(),
        mark,
        part.weight(),
        part.state(),
        was == null ? Health.UP : was.health(),
        was == null ? Backend.WHOLE : was.ramp(),
        part.ipv4(),
        part.ipv6(),
        part.mac(),
        part.drainUntilSeconds());
  }

  private boolean wasChecked(PoolPart pool) {
    return before.pool(pool.settings().name()).filter(was -> was.check() != null).isPresent();
  }

  /** A pool that fits its backends keeps the room it has, unless the file says otherwise. */
  private PoolSettings settings(PoolPart pool) {
    PoolSettings said = pool.settings();
    int room = before.pool(said.name()).map(known -> known.settings().capacity()).orElse(0);
    return pool.saysCapacity() || room < pool.backends().size() || room == 0
        ? said
        : new PoolSettings(
            said.name(),
            said.slots(),
            room,
            said.policy(),
            said.hashOn(),
            said.ownFwmark(),
            said.forwarding());
  }

  /** The lowest mark within the mask that nobody has; 0 if there is none. */
  private int next() {
    do {
      // With the bits outside the mask set, an addition of one carries over them.
      last = ((last | ~mask) + 1) & mask;
    } while (last != 0 && !taken.add(last));
    return last;
  }
}
