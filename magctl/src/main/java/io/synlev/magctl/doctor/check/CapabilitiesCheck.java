package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Page;

/** What lbd may do, and what we may see; capabilities(7). */
final class CapabilitiesCheck implements Check {
  @Override
  public String name() {
    return "capabilities";
  }

  @Override
  public Page page() {
    return Page.CAPABILITIES;
  }

  @Override
  public void look(Facts facts, Findings findings) {
    Host host = facts.host();
    if (facts.state().isServed()) {
      String pid = String.valueOf(facts.state().daemon().pid());
      boolean mayAdminister = Caller.hasCapability(host, pid, Caller.CAP_NET_ADMIN);
      if (!mayAdminister) {
        findings.failure(
            "lbd (pid " + pid + ") has no CAP_NET_ADMIN",
            "the kernel asks for it at every verdict",
            "restart it with this capability");
      }
      boolean mayLoad =
          Caller.hasCapability(host, pid, Caller.CAP_BPF)
              || Caller.hasCapability(host, pid, Caller.CAP_SYS_ADMIN);
      if (facts.usesTc() && !mayLoad) {
        findings.failure(
            "lbd (pid " + pid + ") has neither CAP_BPF nor CAP_SYS_ADMIN",
            "it cannot change the tables of the tc program",
            "restart it with these capabilities");
      }
    }
    if (!Caller.hasCapability(host, Caller.SELF, Caller.CAP_NET_ADMIN)) {
      findings.note(
          "we have no CAP_NET_ADMIN", "rules and queues cannot be looked at", "run as root");
    }
    if (findings.isClean()) {
      findings.ok("lbd and we have the capabilities we need");
    }
  }
}
