package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.InstalledRules;
import io.synlev.magctl.doctor.Page;

/**
 * What lbrules says: rules that are missing, changed or behind the configuration, marks that others
 * use, fragments, the tc program.
 */
final class RulesCheck implements Check {
  @Override
  public String name() {
    return "rules";
  }

  @Override
  public Page page() {
    return Page.RULES;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.usesQueues();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    InstalledRules rules = facts.rules();
    if (rules.refusal() != null) {
      findings.warning(
          "the rules cannot be looked at",
          rules.refusal(),
          "run 'lbrules check' by hand; SYNLEV_RULES says where lbrules is");
      return;
    }
    for (InstalledRules.Trouble trouble : rules.troubles()) {
      if (trouble.isProblem()) {
        findings.failure(trouble.what(), trouble.why(), trouble.fix());
      } else {
        findings.note(trouble.what(), trouble.why(), trouble.fix());
      }
    }
    if (findings.isClean()) {
      findings.ok(
          "the rules are as installed: mode " + rules.mode() + ", return " + rules.returns());
    }
  }
}
