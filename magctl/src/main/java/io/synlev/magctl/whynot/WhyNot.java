package io.synlev.magctl.whynot;

import io.synlev.ffi.NativeException;
import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Doctor;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Finding;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.PathQuestion;
import io.synlev.magctl.doctor.Severity;
import io.synlev.magctl.doctor.check.Checks;
import io.synlev.state.StateException;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Follows a packet to its end. */
public final class WhyNot {
  private static final List<String> STATE_CHECKS = List.of("state-files", "state");
  private static final int STRICT = 1;

  /**
   * What to follow.
   *
   * @param flow who sends to whom
   * @param device where it is to come in; null to find out
   * @param isInvented whether the client is nobody
   * @param patienceMillis how long to wait for an answer
   */
  public record Request(ProbeFlow flow, String device, boolean isInvented, long patienceMillis) {}

  private WhyNot() {}

  /** The state cannot be read: no packet need be sent to know why. */
  public static Journey withoutState(Facts facts) {
    Journey journey = new Journey();
    journey.ended("state", "the instance's state cannot be read");
    List<Check> checks =
        Checks.all().stream().filter(check -> STATE_CHECKS.contains(check.name())).toList();
    for (Finding finding : Doctor.examine(checks, facts, false)) {
      if (finding.severity() == Severity.FAILURE) {
        journey.because(finding);
      }
    }
    return journey;
  }

  /** Nobody's packet. */
  public static Journey withoutService(String why) {
    Journey journey = new Journey();
    journey.ended("service", "none");
    journey.because(
        "the packet is no service's",
        why,
        "magctl service list, magctl service add",
        Page.SERVICES);
    return journey;
  }

  /**
   * Sends the packet.
   *
   * @param service whose packet it is, for people
   * @param decisions watches lbd; knows nothing where none answers
   * @param isAsked whether to end
   * @throws NativeException if it cannot be sent
   * @throws StateException if asked to end
   */
  public static Journey follow(
      Facts facts, Request request, String service, Decisions decisions, BooleanSupplier isAsked)
      throws NativeException {
    Journey journey = new Journey();
    journey.passed("service", service);
    String device = request.device != null ? request.device : PathQuestion.deviceForClients(facts);
    Probe.Plan plan =
        new Probe.Plan(
            device,
            request.isInvented && !isStrict(facts, device),
            facts.rules().returns("direct"),
            request.patienceMillis);
    Evidence evidence =
        Probe.send(facts.programs(), facts.network(), request.flow, plan, decisions, isAsked);
    if (isAsked.getAsBoolean()) {
      throw new StateException("interrupted; nothing is left behind");
    }
    Case seen = new Case(facts, evidence, journey);
    if (new WayThere(seen).judge()) {
      new WayBack(seen).judge();
    }
    return journey;
  }

  /** A client to whom a route of ours leads by the tap would be refused by a strict filter. */
  private static boolean isStrict(Facts facts, String device) {
    long all = facts.host().sysctl("net/ipv4/conf/all/rp_filter");
    long own = device == null ? 0 : facts.host().sysctl("net/ipv4/conf/" + device + "/rp_filter");
    return Math.max(all, own) == STRICT;
  }
}
