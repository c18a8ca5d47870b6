package io.synlev.fastpath;

import io.synlev.datapath.Datapath;
import io.synlev.datapath.DatapathDeciders;
import io.synlev.datapath.DatapathProvider;
import java.util.List;

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
  public Datapath create(List<String> options, DatapathDeciders deciders) {
    return new DpdkDatapath(OptionTexts.parse(options), deciders);
  }
}
