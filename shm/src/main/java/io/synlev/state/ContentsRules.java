package io.synlev.state;

import io.synlev.maglev.MaglevTable;
import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Contents.PoolContents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the pools and services of an instance together must not contradict. */
public final class ContentsRules {
  private final InstanceSettings settings;
  private final List<Refusal> refusals = new ArrayList<>();
  private final Map<Integer, String> marks = new HashMap<>();
  private String balancers;

  /**
   * Something that cannot be published.
   *
   * @param pool the pool it is about, or null
   * @param backend the backend of that pool, or null
   * @param service the service it is about, or null
   * @param message what is wrong, and what to do
   */
  public record Refusal(String pool, String backend, String service, String message) {}

  private ContentsRules(InstanceSettings settings) {
    this.settings = settings;
  }

  /** Finds everything that is wrong; nothing is asked of the instance. */
  public static List<Refusal> check(Contents contents, InstanceSettings settings) {
    ContentsRules rules = new ContentsRules(settings);
    List<PoolFile> names = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (PoolContents pool : contents.pools()) {
      if (!seen.add(pool.name())) {
        rules.refuse(pool.name(), null, "pool '" + pool.name() + "' stands twice");
      }
      names.add(new PoolFile(pool.name(), 0, 0));
      rules.check(pool);
    }
    ServiceRules.check(
        new Configuration(0, names, List.of()),
        contents.services(),
        settings,
        (service, refusal) ->
            rules.refusals.add(new Refusal(null, null, service.name(), refusal.getMessage())));
    return List.copyOf(rules.refusals);
  }

  private void check(PoolContents pool) {
    PoolSettings its = pool.settings();
    if (pool.backends().size() > its.capacity()) {
      refuse(
          pool.name(),
          null,
          "pool '%s' has room for %d backends, not for %d: remove some, or give it a capacity up to %d"
              .formatted(
                  pool.name(), its.capacity(), pool.backends().size(), MaglevTable.MAX_BACKENDS));
    }
    if ((its.ownFwmark() & ~settings.markMask()) != 0) {
      refuse(pool.name(), null, outside("own fwmark", its.ownFwmark()));
    }
    if (its.ownFwmark() != 0 && balancers != null) {
      // A balancer is in one tier: fragments have one owner.
      refuse(
          pool.name(),
          null,
          "pool '%s' has an own fwmark, so it is the pool of balancers already: leave it out here"
              .formatted(balancers));
    } else if (its.ownFwmark() != 0) {
      balancers = pool.name();
    }
    Set<String> names = new HashSet<>();
    for (Backend backend : pool.backends()) {
      if (!names.add(backend.name())) {
        refuse(
            pool.name(),
            backend.name(),
            "backend '" + backend.name() + "' stands twice in one pool");
      }
      mark(pool.name(), backend);
    }
  }

  private void mark(String pool, Backend backend) {
    if ((backend.fwmark() & ~settings.markMask()) != 0) {
      refuse(pool, backend.name(), outside("fwmark", backend.fwmark()));
    }
    String here = "backend '%s' of pool '%s'".formatted(backend.name(), pool);
    String taken = marks.putIfAbsent(backend.fwmark(), here);
    if (taken != null) {
      refuse(
          pool,
          backend.name(),
          "fwmark %s of %s is taken by %s: choose another"
              .formatted(Integer.toUnsignedString(backend.fwmark()), here, taken));
    }
  }

  private String outside(String what, int mark) {
    return "%s %#x has bits outside the mark mask %#x of this instance: choose another"
        .formatted(what, mark, settings.markMask());
  }

  private void refuse(String pool, String backend, String message) {
    refusals.add(new Refusal(pool, backend, null, message));
  }
}
