package io.synlev.lbd;

import io.synlev.datapath.Datapath;
import io.synlev.datapath.DatapathDeciders;
import io.synlev.datapath.DatapathProvider;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * A datapath other than NFQUEUE. Its provider is looked for among what is installed, so that lbd
 * itself needs none.
 *
 * @param name the provider's, such as {@code dpdk}
 * @param options {@code NAME=VALUE} each, as its provider takes them
 */
record DatapathSettings(String name, List<String> options) {

  /** The one that is built in. */
  static final String NFQUEUE = "nfqueue";

  /** The one whose options are {@code --dpdk}. */
  static final String DPDK = "dpdk";

  /**
   * How many workers it has.
   *
   * @throws IllegalArgumentException if there is no such datapath, or an option is wrong
   */
  int workers() {
    return provider().workers(options);
  }

  /** Why it cannot serve pools, each with the VIPs of its services; empty if it can. */
  Optional<String> objection(Map<PoolSettings, List<Prefix>> pools) {
    return provider().objection(options, pools);
  }

  /** Its options, for people, a line each. */
  String usage() {
    return provider().usage();
  }

  /** Makes it; nothing is opened yet. */
  Datapath create(DatapathDeciders deciders) {
    return provider().create(options, deciders);
  }

  private DatapathProvider provider() {
    for (DatapathProvider provider : ServiceLoader.load(DatapathProvider.class)) {
      if (provider.name().equals(name)) {
        return provider;
      }
    }
    throw new IllegalArgumentException(
        "no datapath '" + name + "' is installed: use nfqueue, or add its jar to the class path");
  }
}
