package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.BackendHost;
import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Page;
import java.util.ArrayList;
import java.util.List;

/** Backends that can be looked into: those in network namespaces of this host, as told. */
final class BackendHostsCheck implements Check {
  @Override
  public String name() {
    return "backend-hosts";
  }

  @Override
  public Page page() {
    return Page.BACKENDS;
  }

  @Override
  public boolean isOf(Facts facts) {
    return !facts.namespaces().isEmpty();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    List<String> vips = new ArrayList<>();
    for (boolean ipv6 : List.of(false, true)) {
      facts.state().vips(ipv6).forEach(vip -> vips.add(vip.substring(0, vip.indexOf('/'))));
    }
    for (String namespace : facts.namespaces()) {
      BackendHost host = BackendHost.look(facts.programs(), namespace, vips);
      if (host.refusal() != null) {
        findings.failure(
            "network namespace " + namespace + " cannot be looked at",
            host.refusal(),
            "a name that 'ip netns list' shows, as root");
      } else if (!facts.rules().returns("dnat")) {
        look(facts, host, vips, findings);
      }
    }
    if (findings.isClean()) {
      findings.ok("backends in " + String.join(", ", facts.namespaces()) + " take VIPs");
    }
  }

  private static void look(Facts facts, BackendHost host, List<String> vips, Findings findings) {
    for (String vip : vips) {
      if (!host.localVips().contains(vip)) {
        findings.failure(
            host.namespace() + " does not take packets for " + vip,
            "the address is none of its own, so it drops or forwards them",
            "there: ip address add " + vip + " dev lo");
      }
    }
    for (String device : host.devices()) {
      boolean answersForLo = host.value("arp_ignore", device) == 0;
      if (answersForLo && vips.stream().anyMatch(vip -> vip.indexOf('.') >= 0)) {
        findings.warning(
            host.namespace() + " answers ARP requests for its VIPs on " + device,
            "where clients' routers or this host ask on that link, it takes the VIP for itself",
            "there: sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2");
      }
      if (host.value("rp_filter", device) == 1 && facts.rules().returns("direct")) {
        findings.warning(
            "rp_filter is strict on " + device + " of " + host.namespace(),
            "clients' packets come from this host, and its answers leave another way: dropped",
            "there: sysctl -w net.ipv4.conf." + device + ".rp_filter=0, and of all");
      }
    }
    if (facts.rules().returns("direct") && host.mtuProbing() == 0) {
      findings.note(
          host.namespace() + " does not probe for the path's MTU",
          "where ICMP errors about its answers get lost, connections stall",
          "there: sysctl -w net.ipv4.tcp_mtu_probing=1");
    }
  }
}
