package io.synlev.lbd;

import io.synlev.netfilter.BalancerLinks;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** The interfaces by which other balancers send us packets, looked for again and again. */
final class TierLinks {
  private static final Logger LOG = System.getLogger(TierLinks.class.getName());

  private final BalancerLinks links;

  /** Those that the settings name, if they do. */
  TierLinks(FragmentSettings fragments) {
    links =
        fragments == null || fragments.tierInterfaces().isEmpty()
            ? BalancerLinks.NONE
            : new BalancerLinks(fragments.tierInterfaces());
  }

  BalancerLinks links() {
    return links;
  }

  /** Looks for them, and says when they have changed. */
  void look() {
    if (links.look()) {
      log();
    }
  }

  /** Says which are there. */
  void log() {
    links
        .found()
        .forEach(
            (name, index) ->
                LOG.log(
                    index == 0 ? Level.WARNING : Level.INFO,
                    "tier interface {0}: {1}",
                    name,
                    index == 0 ? "not there, so nothing comes by it" : "index " + index));
  }
}
