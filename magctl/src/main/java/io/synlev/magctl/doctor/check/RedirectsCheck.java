package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Page;
import java.util.List;

/**
 * Whether this host tells routers to go past it: where packets leave by the interface they came in
 * by, the kernel sends ICMP redirects to their sender (RFC 792) unless send_redirects is off.
 */
final class RedirectsCheck implements Check {
  @Override
  public String name() {
    return "redirects";
  }

  @Override
  public Page page() {
    return Page.HOST;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.usesQueues() && facts.rules().isInstalled();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    List<String> backends = facts.backendDevices();
    for (String device : facts.clientDevices()) {
      boolean sends = sends(facts, "all") || sends(facts, device);
      if (backends.contains(device) && sends) {
        findings.warning(
            "this host sends ICMP redirects on " + device,
            "clients and backends are behind the same interface, so it may tell the router to send"
                + " packets for the VIP to a backend directly",
            "sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf."
                + device
                + ".send_redirects=0");
      }
    }
    if (findings.isClean()) {
      findings.ok("this host sends no redirects about VIPs");
    }
  }

  private static boolean sends(Facts facts, String device) {
    return facts.host().sysctl("net/ipv4/conf/" + device + "/send_redirects") != 0;
  }
}
