package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.PathQuestion;
import io.synlev.magctl.doctor.RouteAnswer;
import io.synlev.magctl.doctor.RouteDiagnosis;
import io.synlev.magctl.doctor.StateFacts.Member;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the kernel would forward a client's packet to each backend: policy rule, routing table,
 * route, interface, and what the way in demands. The kernel itself is asked.
 */
final class BackendRoutesCheck implements Check {
  @Override
  public String name() {
    return "backend-routes";
  }

  @Override
  public Page page() {
    return Page.BACKENDS;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.usesQueues() && facts.rules().isInstalled();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    List<PathQuestion> questions = new ArrayList<>();
    for (boolean ipv6 : List.of(false, true)) {
      for (Member member : facts.state().served()) {
        List<String> vips = facts.state().vips(member.pool(), ipv6);
        InetAddress address = Members.address(member, ipv6);
        if (!member.isThisHost() && address != null && !vips.isEmpty()) {
          questions.add(PathQuestion.of(facts, member, address, vips.getFirst()));
        }
      }
    }
    List<RouteAnswer> answers = PathQuestion.ask(facts.programs(), questions);
    for (int i = 0; i < answers.size(); i++) {
      RouteDiagnosis diagnosis = RouteDiagnosis.of(facts, questions.get(i), answers.get(i));
      if (diagnosis != null) {
        findings.failure(diagnosis.title(), diagnosis.why(), diagnosis.fix());
      }
    }
    if (findings.isClean()) {
      findings.ok(
          answers.isEmpty()
              ? "no route to look at"
              : "the kernel would forward to each of " + answers.size() + " backend addresses");
    }
  }
}
