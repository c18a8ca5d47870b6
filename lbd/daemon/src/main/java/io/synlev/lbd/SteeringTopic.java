package io.synlev.lbd;

import io.synlev.steering.Outcome;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.Treatment;
import picocli.CommandLine.Model.CommandSpec;

/** What happens to packets that no table decides. */
final class SteeringTopic extends OptionTopic {

  SteeringTopic(CommandSpec spec) {
    super(spec);
    addParsed(
        "--no-service",
        "OUTCOME",
        "drop",
        "Packets to no VIP: drop, accept or mark=N",
        Outcome.class,
        Outcome::parse);
    addParsed(
        "--no-backend",
        "OUTCOME",
        "drop",
        "Packets to a pool without active backend: drop or mark=N",
        Outcome.class,
        Outcome::parse);
    addParsed(
        "--icmp-errors",
        "HOW",
        "flow",
        "ICMP errors to a VIP: flow (to the backend of the flow they are about), addresses"
            + " (by its addresses alone) or drop",
        Treatment.class,
        SteeringTopic::parseErrors);
  }

  private static Treatment parseErrors(String text) {
    if (text.equals(Treatment.ACCEPT.text())) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' would leave errors to this host, which knows none of the flows that they"
              + " are about: flow, addresses or drop");
    }
    return Treatment.parse(text);
  }

  /**
   * What was asked for.
   *
   * @throws IllegalArgumentException if an outcome does not fit its case
   */
  SteeringOptions options() {
    return SteeringOptions.DEFAULT
        .withNoService(value("--no-service"))
        .withNoBackend(value("--no-backend"))
        .withIcmpErrors(value("--icmp-errors"));
  }
}
