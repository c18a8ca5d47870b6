package io.synlev.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What fair means: each choice is an independent throw of a fair die with a side a server. */
public final class Shares {
  /** One run in 1.7 million strays further by chance. */
  private static final double SIGMAS = 5;

  private Shares() {}

  /**
   * Fails unless exactly {@code servers} got something, each near an equal share.
   *
   * @param counts independent choices (connections or flows) by server
   */
  public static void assertFair(Map<String, Long> counts, List<String> servers) {
    assertEquals(Set.copyOf(servers), counts.keySet());
    double total = counts.values().stream().mapToLong(Long::longValue).sum();
    double share = 1.0 / servers.size();
    double allowed = SIGMAS * Math.sqrt(total * share * (1 - share));
    counts.forEach(
        (server, count) ->
            assertEquals(
                total * share, count, allowed, () -> server + " has no fair share of " + counts));
  }
}
