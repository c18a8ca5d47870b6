package io.synlev.magctl;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.Instance;
import io.synlev.steering.Outcome;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.Treatment;
import io.synlev.steering.fragment.FragmentOptions;
import java.util.Map;

/**
 * The daemon's options that decide about packets: asked of the daemon that serves the instance, or
 * the defaults where none does.
 *
 * @param options what is done with packets that no table decides
 * @param fragments what a fragment queue remembers; null if fragments go by addresses
 * @param offload who carries live flows: tc, dpdk, conntrack or none
 * @param source where these come from, for people
 * @param isAsked whether the daemon said so
 */
record SteeringAssumptions(
    SteeringOptions options,
    FragmentOptions fragments,
    String offload,
    String source,
    boolean isAsked) {

  /** Asks, if there is somebody to ask. */
  static SteeringAssumptions of(Instance instance) {
    if (!instance.daemon().isAlive()) {
      return defaults("no lbd runs here, so its default options are assumed");
    }
    try {
      Object status = ControlClient.ask(instance.directory(), "status", Map.of());
      if (status instanceof Map<?, ?> members) {
        return of(members);
      }
      return defaults("lbd's answer is not understood, so its default options are assumed");
    } catch (ControlException | IllegalArgumentException e) {
      return defaults(
          "lbd does not tell its options, so the defaults are assumed: " + e.getMessage());
    }
  }

  private static SteeringAssumptions of(Map<?, ?> status) {
    SteeringOptions options =
        SteeringOptions.DEFAULT
            .withNoService(Outcome.parse(String.valueOf(status.get("noService"))))
            .withNoBackend(Outcome.parse(String.valueOf(status.get("noBackend"))))
            .withIcmpErrors(Treatment.parse(String.valueOf(status.get("icmpErrors"))));
    FragmentOptions fragments =
        status.get("fragments") instanceof Map<?, ?> given
            ? new FragmentOptions(
                (int) number(given, "datagrams"),
                number(given, "lifeNanos"),
                (int) number(given, "heldFragments"),
                (int) number(given, "heldBytes"))
            : null;
    return new SteeringAssumptions(
        options,
        fragments,
        String.valueOf(status.get("offload")),
        "with the options of lbd, pid " + status.get("pid"),
        true);
  }

  private static long number(Map<?, ?> members, String name) {
    if (members.get(name) instanceof Number number) {
      return number.longValue();
    }
    throw new IllegalArgumentException("no number '" + name + "' in its status");
  }

  private static SteeringAssumptions defaults(String source) {
    return new SteeringAssumptions(SteeringOptions.DEFAULT, null, "none", source, false);
  }
}
