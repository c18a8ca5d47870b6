package io.synlev.datapath;

import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes datapaths of one kind from their options; found by {@link java.util.ServiceLoader}, so that
 * nobody needs a kind that is not installed.
 */
public interface DatapathProvider {

  /** The kind's name, as {@link Datapath#name}. */
  String name();

  /** Its options, a line each, for people. */
  String usage();

  /**
   * How many workers a datapath with these options has.
   *
   * @throws IllegalArgumentException naming an option that is wrong and the remedy
   */
  int workers(List<String> options);

  /**
   * Why a datapath with these options cannot serve pools.
   *
   * @param pools with the VIPs of the services that use each
   * @return the first one that it cannot, what is missing and the remedy; empty if it can
   */
  default Optional<String> objection(List<String> options, Map<PoolSettings, List<Prefix>> pools) {
    return Optional.empty();
  }

  /**
   * Makes one; nothing is loaded or opened before its start.
   *
   * @param options {@code NAME=VALUE} each
   * @throws IllegalArgumentException naming an option that is wrong and the remedy
   */
  Datapath create(List<String> options, DatapathDeciders deciders);
}
