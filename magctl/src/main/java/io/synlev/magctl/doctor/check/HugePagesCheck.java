package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Page;

/** Whether there are huge pages for DPDK; Documentation/admin-guide/mm/hugetlbpage.rst. */
final class HugePagesCheck implements Check {
  @Override
  public String name() {
    return "huge-pages";
  }

  @Override
  public Page page() {
    return Page.DPDK;
  }

  @Override
  public boolean isOf(Facts facts) {
    return !facts.usesQueues();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    long all = count(facts.host(), "HugePages_Total");
    long free = count(facts.host(), "HugePages_Free");
    String size = facts.host().field("/proc/meminfo", "Hugepagesize").orElse("unknown size");
    if (all == 0 && !facts.usesQueues()) {
      findings.failure(
          "there are no huge pages",
          "DPDK keeps packets and tables in them",
          "sysctl -w vm.nr_hugepages=256");
    } else {
      findings.ok(all + " huge pages of " + size + ", " + free + " of them free");
    }
  }

  private static long count(Host host, String name) {
    return host.field("/proc/meminfo", name).map(Long::parseLong).orElse(0L);
  }
}
