package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Network;
import io.synlev.magctl.doctor.Page;
import java.util.Optional;

/** Whether the interfaces where clients' packets come in are there and up. */
final class LinksCheck implements Check {
  @Override
  public String name() {
    return "links";
  }

  @Override
  public Page page() {
    return Page.HOST;
  }

  @Override
  public boolean isOf(Facts facts) {
    return !facts.rules().interfaces().isEmpty();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    for (String name : facts.rules().interfaces()) {
      if (!name.endsWith("+")) {
        look(facts.network().link(name), name, findings);
      }
    }
    if (findings.isClean()) {
      findings.ok("interfaces for clients are up");
    }
  }

  private static void look(Optional<Network.Link> link, String name, Findings findings) {
    String why = "the rules take clients' packets from " + name + " only (--interface)";
    if (link.isEmpty()) {
      findings.failure(
          "there is no interface " + name, why, "make it, or lbrules install --interface OTHER");
    } else if (!link.get().isUp()) {
      findings.failure("interface " + name + " is down", why, "ip link set " + name + " up");
    } else if (!link.get().hasCarrier()) {
      findings.failure("interface " + name + " has no carrier", why, "look at the cable or peer");
    }
  }
}
