package io.synlev.datapath;

import java.util.List;

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
   * Makes one; nothing is loaded or opened before its start.
   *
   * @param options {@code NAME=VALUE} each
   * @throws IllegalArgumentException naming an option that is wrong and the remedy
   */
  Datapath create(List<String> options, DatapathDeciders deciders);
}
