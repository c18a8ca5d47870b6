package io.synlev.magctl.doctor;

import java.util.List;

/** Runs checks over facts. */
public final class Doctor {
  private Doctor() {}

  /**
   * Looks.
   *
   * @param checks in this order
   * @param all also those about what is not in use here
   * @return everything that they found, what is fine included
   */
  public static List<Finding> examine(List<Check> checks, Facts facts, boolean all) {
    Findings findings = new Findings();
    for (Check check : checks) {
      if (all || check.isOf(facts)) {
        findings.begin(check);
        check.look(facts, findings);
      }
    }
    return findings.all();
  }
}
