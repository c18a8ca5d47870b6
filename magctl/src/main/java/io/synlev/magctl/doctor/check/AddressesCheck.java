package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Network.LocalAddress;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.StateFacts;
import io.synlev.state.Addresses;
import io.synlev.state.Prefix;
import java.net.InetAddress;
import java.util.List;

/** Addresses that are in two places: a VIP or a backend that is this host, a VIP as next hop. */
final class AddressesCheck implements Check {
  @Override
  public String name() {
    return "addresses";
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
    for (boolean ipv6 : List.of(false, true)) {
      for (String vip : facts.state().vips(ipv6)) {
        look(facts, Prefix.parse(vip), findings);
      }
    }
    for (StateFacts.Member member : facts.state().served()) {
      for (InetAddress address : Members.addresses(member)) {
        String text = Addresses.format(address);
        if (!member.isThisHost() && facts.network().deviceOf(text).isPresent()) {
          findings.failure(
              member + " has an address of this host, " + text,
              "no packet is ever forwarded to oneself",
              "give it its own: magctl backend set " + member.backend().name());
        }
      }
    }
    if (findings.isClean()) {
      findings.ok("no VIP and no backend is this host");
    }
  }

  private static void look(Facts facts, Prefix vip, Findings findings) {
    for (LocalAddress own : facts.network().addresses()) {
      if (!facts.rules().returns("dnat") && contains(vip, own.address())) {
        findings.failure(
            own.address() + " of VIP " + vip + " is an address of this host, on " + own.device(),
            "local addresses go before all policy rules: packets for the VIP end here, whatever"
                + " their mark",
            "ip address del "
                + own.address()
                + " dev "
                + own.device()
                + "; routers need a route to the VIP by this host, not its ARP answer");
      }
    }
    for (StateFacts.Member member : facts.state().served()) {
      for (InetAddress address : Members.addresses(member)) {
        if (contains(vip, Addresses.format(address))) {
          findings.failure(
              member + " has the address " + Addresses.format(address) + ", which is in VIP " + vip,
              "its next hop would be the VIP, and packets to it come back here",
              "give it the server's own address: magctl backend set " + member.backend().name());
        }
      }
    }
  }

  private static boolean contains(Prefix prefix, String address) {
    Prefix host = Prefix.parse(address.split("%")[0]);
    return prefix.contains(host.ipv6(), host.high(), host.low());
  }
}
