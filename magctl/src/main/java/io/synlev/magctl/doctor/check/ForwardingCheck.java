package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Page;
import java.util.LinkedHashSet;
import java.util.Set;

/** Whether the kernel forwards packets that come in where clients' and servers' packets do. */
final class ForwardingCheck implements Check {
  @Override
  public String name() {
    return "forwarding";
  }

  @Override
  public Page page() {
    return Page.HOST;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.usesQueues() && facts.state().isReadable();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    Host host = facts.host();
    if (!facts.state().vips(false).isEmpty()) {
      if (host.sysctl("net/ipv4/ip_forward") == 0) {
        off("IPv4 forwarding is off", "net.ipv4.ip_forward", findings);
      } else {
        devices(facts, "ipv4", findings);
      }
    }
    if (!facts.state().vips(true).isEmpty()) {
      if (host.sysctl("net/ipv6/conf/all/forwarding") == 0) {
        off("IPv6 forwarding is off", "net.ipv6.conf.all.forwarding", findings);
      } else {
        devices(facts, "ipv6", findings);
      }
    }
    if (findings.isClean()) {
      findings.ok("the kernel forwards packets");
    }
  }

  private static void devices(Facts facts, String family, Findings findings) {
    Set<String> devices = new LinkedHashSet<>(facts.rules().interfaces());
    if (facts.rules().returns("routed") || facts.rules().returns("dnat")) {
      devices.addAll(facts.backendDevices());
    }
    for (String device : devices) {
      String setting = "net/" + family + "/conf/" + device + "/forwarding";
      if (facts.host().has("/proc/sys/" + setting) && facts.host().sysctl(setting) == 0) {
        off(
            (family.equals("ipv4") ? "IPv4" : "IPv6") + " forwarding is off on " + device,
            setting.replace('/', '.'),
            findings);
      }
    }
  }

  private static void off(String title, String setting, Findings findings) {
    findings.failure(
        title,
        "the kernel drops packets that are for somebody else",
        "sysctl -w " + setting + "=1, and a file in /etc/sysctl.d so that it stays");
  }
}
