package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Network.Neighbour;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.StateFacts.Member;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.util.Optional;

/** Whether backends answer when the kernel asks for their link-layer address. */
final class NeighboursCheck implements Check {
  @Override
  public String name() {
    return "neighbours";
  }

  @Override
  public Page page() {
    return Page.BACKENDS;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.usesQueues() && facts.state().isReadable();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    for (Member member : facts.state().served()) {
      for (InetAddress address : Members.addresses(member)) {
        String text = Addresses.format(address);
        Optional<Neighbour> neighbour = facts.network().neighbour(text);
        if (neighbour.isPresent() && neighbour.get().isSilent()) {
          silent(member, text, neighbour.get(), findings);
        }
      }
    }
    if (findings.isClean()) {
      findings.ok("no backend is known to be silent");
    }
  }

  private static void silent(
      Member member, String address, Neighbour neighbour, Findings findings) {
    String title = member + " (" + address + ") does not answer on " + neighbour.device();
    String why =
        "the kernel asked who has the address, and nobody said so (" + neighbour.state() + ")";
    String fix = "is the server up, on this link, and is the address right?";
    if (member.backend().takesNewFlows()) {
      findings.failure(title, why, fix);
    } else {
      findings.note(title, why + "; it takes no new flows", fix);
    }
  }
}
