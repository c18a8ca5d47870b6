package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Page;

/**
 * Whether rp_filter drops packets of ours; Documentation/networking/ip-sysctl.rst. What counts is
 * the larger of the values for all interfaces and for the one.
 */
final class ReversePathCheck implements Check {
  private static final int STRICT = 1;

  @Override
  public String name() {
    return "rp-filter";
  }

  @Override
  public Page page() {
    return Page.RETURN_MODES;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.usesQueues() && facts.rules().isInstalled();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    Host host = facts.host();
    if (facts.rules().returns("routed") && !facts.state().vips(false).isEmpty()) {
      for (String device : facts.backendDevices()) {
        if (value(host, device) != 0) {
          findings.failure(
              "rp_filter is " + value(host, device) + " on " + device,
              "answers come in there with the VIP as source, to which no route leads, so they are"
                  + " dropped",
              remedy(host, device, 0));
        }
      }
    }
    String tun = facts.rules().tun();
    if (facts.rules().hasFragmentQueues() && value(host, tun) == STRICT) {
      findings.failure(
          "rp_filter is 1 on " + tun,
          "fragments that had to wait come in again there, with clients' addresses, to which other"
              + " interfaces lead, so they are dropped",
          remedy(host, tun, 2));
    }
    for (String device : facts.rules().interfaces()) {
      if (value(host, device) == STRICT && !facts.backendDevices().contains(device)) {
        findings.note(
            "rp_filter is strict on " + device,
            "only clients are served to whom this host's own routes lead back by " + device,
            remedy(host, device, 2) + ", if clients come by ways of their own");
      }
    }
    if (findings.isClean()) {
      findings.ok("rp_filter lets clients' and servers' packets pass");
    }
  }

  private static long value(Host host, String device) {
    return Math.max(setting(host, "all"), setting(host, device));
  }

  private static long setting(Host host, String device) {
    return host.sysctl("net/ipv4/conf/" + device + "/rp_filter");
  }

  private static String remedy(Host host, String device, int wanted) {
    boolean isForAll = setting(host, "all") > setting(host, device) && wanted == 0;
    String name = isForAll ? "all" : device;
    return "sysctl -w net.ipv4.conf." + name + ".rp_filter=" + wanted;
  }
}
