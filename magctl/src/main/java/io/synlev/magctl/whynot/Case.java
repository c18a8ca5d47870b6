package io.synlev.magctl.whynot;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Doctor;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Finding;
import io.synlev.magctl.doctor.Severity;
import io.synlev.magctl.doctor.StateFacts.Member;
import io.synlev.magctl.doctor.check.Checks;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What is to be judged.
 *
 * @param facts about this host, from before the packet
 * @param evidence what was seen of the packet
 * @param journey where it is written down
 */
record Case(Facts facts, Evidence evidence, Journey journey) {

  /** The backend that was to get the packet. */
  Optional<Member> member() {
    Decided decided = evidence.decided();
    return facts.state().served().stream()
        .filter(each -> decided != null && each.backend().name().equals(decided.backend()))
        .filter(each -> each.pool().name().equals(decided.pool()))
        .findFirst();
  }

  /** Its address in the packet's family, or null. */
  InetAddress address(Member member) {
    return evidence.flow().isIpv6() ? member.backend().ipv6() : member.backend().ipv4();
  }

  /** That backend for people. */
  String who() {
    return member().map(Object::toString).orElse("the backend");
  }

  /** Adds what the doctor finds at a station. */
  void blame(List<String> names) {
    List<Check> checks =
        Checks.all().stream().filter(check -> names.contains(check.name())).toList();
    for (Finding finding : Doctor.examine(checks, facts, false)) {
      boolean isNew =
          journey.findings().stream().noneMatch(known -> known.title().equals(finding.title()));
      if (finding.severity() == Severity.FAILURE && isNew) {
        journey.because(finding);
      }
    }
  }
}
