package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Page;
import java.util.List;

/** Whether conntrack has room, and what it does with packets that it does not understand. */
final class ConntrackCheck implements Check {
  private static final String SETTINGS = "net/netfilter/nf_conntrack_";
  private static final int MUCH_PERCENT = 80;

  @Override
  public String name() {
    return "conntrack";
  }

  @Override
  public Page page() {
    return Page.CONNTRACK;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.usesConntrack();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    Host host = facts.host();
    if (!host.has("/proc/sys/" + SETTINGS + "count")) {
      findings.ok("there is no connection tracking here");
      return;
    }
    long count = host.sysctl(SETTINGS + "count");
    long room = host.sysctl(SETTINGS + "max");
    String fill = count + " of " + room + " entries";
    String more =
        "sysctl -w net.netfilter.nf_conntrack_max=" + 2 * room + " (300 bytes of memory each)";
    // 0 stands for any number.
    if (room > 0 && count >= room) {
      findings.failure(
          "conntrack is full: " + fill, "first packets of new flows are dropped", more);
    } else if (room > 0 && count * 100 >= room * MUCH_PERCENT) {
      findings.warning(
          "conntrack is nearly full: " + fill,
          "when it is full, first packets of new flows are dropped",
          more);
    }
    long dropped = dropped(host);
    if (dropped > 0) {
      findings.warning(
          "conntrack has dropped " + dropped + " packets",
          "it was full, or had no memory, at some time since the boot",
          more);
    }
    if (facts.rules().needsConntrack()) {
      if (host.sysctl(SETTINGS + "tcp_loose") == 0) {
        findings.note(
            "nf_conntrack_tcp_loose is off",
            "connections that conntrack forgets, or has never seen begin, are INVALID: their"
                + " packets go to lbd one by one, and with dnat are not translated",
            "sysctl -w net.netfilter.nf_conntrack_tcp_loose=1, unless that is meant");
      }
      if (host.sysctl(SETTINGS + "tcp_be_liberal") != 0) {
        findings.note(
            "nf_conntrack_tcp_be_liberal is on",
            "packets outside of a connection's window are taken for its own",
            "leave it, if answers do not pass this host or come in another order");
      }
    }
    if (findings.isClean()) {
      findings.ok("conntrack has room: " + fill);
    }
  }

  /** Sum over processors of the column "drop", hexadecimal; nf_conntrack_standalone.c. */
  private static long dropped(Host host) {
    List<String> lines = host.lines("/proc/net/stat/nf_conntrack");
    if (lines.isEmpty()) {
      return 0;
    }
    int column = List.of(lines.getFirst().strip().split("\\s+")).indexOf("drop");
    long sum = 0;
    for (String line : lines.subList(1, lines.size())) {
      String[] fields = line.strip().split("\\s+");
      sum += column < 0 || column >= fields.length ? 0 : Long.parseLong(fields[column], 16);
    }
    return sum;
  }
}
