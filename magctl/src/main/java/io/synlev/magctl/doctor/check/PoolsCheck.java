package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.StateFacts;
import io.synlev.magctl.doctor.StateFacts.Member;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Whether services have backends that take new flows, with addresses of the VIPs' family. */
final class PoolsCheck implements Check {
  private static final int MOST_NAMES = 5;

  @Override
  public String name() {
    return "pools";
  }

  @Override
  public Page page() {
    return Page.BACKENDS;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.state().isReadable();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    StateFacts state = facts.state();
    if (state.isReadable() && state.contents().services().isEmpty()) {
      findings.warning(
          "there is no service", "no VIP is anybody's", "magctl service add NAME --vip VIP");
    }
    for (PoolContents pool : state.contents().pools()) {
      boolean ipv4 = !state.vips(pool, false).isEmpty();
      boolean ipv6 = !state.vips(pool, true).isEmpty();
      if (ipv4 || ipv6) {
        look(pool, findings);
        addresses(state, pool, ipv4, ipv6, findings);
      }
    }
    if (findings.isClean()) {
      findings.ok("every pool has backends, and all of them take new flows");
    }
  }

  private static void look(PoolContents pool, Findings findings) {
    List<String> away = new ArrayList<>();
    for (Backend backend : pool.backends()) {
      if (!backend.takesNewFlows()) {
        away.add(backend.name() + " (" + reason(backend) + ")");
      }
    }
    int all = pool.backends().size();
    String names = String.join(", ", away.subList(0, Math.min(away.size(), MOST_NAMES)));
    if (away.size() > MOST_NAMES) {
      names += " and " + (away.size() - MOST_NAMES) + " more";
    }
    if (away.size() == all) {
      findings.failure(
          "no backend of pool " + pool.name() + " takes new flows",
          all == 0 ? "it has none" : names,
          all == 0 ? "magctl backend add NAME,ipv4=... --pool " + pool.name() : remedy(pool));
    } else if (!away.isEmpty()) {
      findings.note(
          away.size() + " of " + all + " backends of pool " + pool.name() + " take no new flows",
          names,
          remedy(pool) + ", if that is not meant");
    }
  }

  /**
   * What people have decided they can undo; of what checks have found they can look for the cause.
   */
  private static String remedy(PoolContents pool) {
    boolean isDecided =
        pool.backends().stream()
            .anyMatch(backend -> !backend.takesNewFlows() && !reason(backend).equals("down"));
    return isDecided || pool.check() == null
        ? "magctl activate BACKEND --pool " + pool.name()
        : "magctl health show " + pool.name();
  }

  private static String reason(Backend backend) {
    if (backend.state() != AdminState.ACTIVE) {
      return backend.state().name().toLowerCase(Locale.ROOT);
    }
    return backend.health() == Health.DOWN ? "down" : "weight 0";
  }

  private static void addresses(
      StateFacts state, PoolContents pool, boolean ipv4, boolean ipv6, Findings findings) {
    for (Member member : state.served()) {
      boolean isMissing =
          ipv4 && member.backend().ipv4() == null || ipv6 && member.backend().ipv6() == null;
      if (member.pool() == pool && !member.isThisHost() && isMissing) {
        String family = ipv4 && member.backend().ipv4() == null ? "IPv4" : "IPv6";
        findings.warning(
            member + " has no " + family + " address",
            "a service of its pool has an " + family + " VIP: flows that it is given are dropped",
            "magctl backend set " + member.backend().name() + " --ipv4 or --ipv6 ADDRESS");
      }
    }
  }
}
