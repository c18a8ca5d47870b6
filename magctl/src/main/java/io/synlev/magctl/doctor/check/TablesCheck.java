package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Network.PolicyRule;
import io.synlev.magctl.doctor.Network.TableRoute;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.StateFacts.Member;

/** Whether others use the routing tables of backends. */
final class TablesCheck implements Check {
  private static final long FIRST_SYSTEM_TABLE = 253;
  private static final long LAST_SYSTEM_TABLE = 255;
  private static final String FIX =
      "take that away, or move ours: lbrules install --table-offset with another number";

  @Override
  public String name() {
    return "tables";
  }

  @Override
  public Page page() {
    return Page.TABLES;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.rules().isInstalled() && !facts.rules().returns("dnat");
  }

  @Override
  public void look(Facts facts, Findings findings) {
    for (Member member : facts.state().served()) {
      long table = facts.rules().tableOffset() + Integer.toUnsignedLong(member.backend().fwmark());
      String title = "routing table " + table + " of " + member;
      if (table >= FIRST_SYSTEM_TABLE && table <= LAST_SYSTEM_TABLE) {
        findings.failure(
            title + " belongs to the system",
            "it is the offset " + facts.rules().tableOffset() + " and the fwmark",
            FIX);
      }
      for (TableRoute route : facts.network().routes()) {
        if (route.table() == table && !route.isOurs()) {
          findings.failure(
              title + " holds a route of others, to " + route.to(),
              "packets for the backend may follow it",
              FIX);
        }
      }
      for (PolicyRule rule : facts.network().rules()) {
        if (rule.table() == table && !rule.isOurs()) {
          findings.failure(
              title + " is looked up by a rule of others, of priority " + rule.priority(),
              "packets of others would go to the backend",
              FIX);
        }
      }
    }
    if (findings.isClean()) {
      findings.ok("nobody else uses the routing tables of backends");
    }
  }
}
