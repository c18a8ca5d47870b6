package io.synlev.fastpath;

import io.synlev.datapath.Datapath;
import io.synlev.datapath.DatapathDeciders;
import io.synlev.datapath.DatapathProvider;
import io.synlev.nat.NatOptions;
import io.synlev.state.Forwarding;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes {@link DpdkDatapath}s; found by {@link java.util.ServiceLoader}. */
public final class DpdkProvider implements DatapathProvider {

  /** For the service loader. */
  public DpdkProvider() {}

  @Override
  public String name() {
    return DpdkDatapath.NAME;
  }

  @Override
  public String usage() {
    return OptionUsage.TEXT;
  }

  @Override
  public int workers(List<String> options) {
    return OptionTexts.parse(options).cores().size();
  }

  @Override
  public Optional<String> objection(List<String> options, Map<PoolSettings, List<Prefix>> pools) {
    NatOptions nat = OptionTexts.parse(options).nat();
    for (Map.Entry<PoolSettings, List<Prefix>> entry : pools.entrySet()) {
      PoolSettings pool = entry.getKey();
      boolean isTranslated = pool.forwarding() == Forwarding.NAT;
      Optional<String> objection = NatSessions.objection(nat, isTranslated, entry.getValue());
      if (objection.isPresent()) {
        return Optional.of("pool '" + pool.name() + "' " + objection.get());
      }
    }
    return Optional.empty();
  }

  @Override
  public Datapath create(List<String> options, DatapathDeciders deciders) {
    return new DpdkDatapath(OptionTexts.parse(options), deciders);
  }
}
