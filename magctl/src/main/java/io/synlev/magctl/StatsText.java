package io.synlev.magctl;

import io.synlev.datapath.Reason;
import io.synlev.magctl.Stats.BackendPackets;
import io.synlev.magctl.Stats.Worker;
import java.util.ArrayList;
import java.util.List;

/** Counters for people. */
final class StatsText {
  /** A watching person sees the head again after this many lines. */
  static final int LINES_PER_HEAD = 20;

  private static final int RATE_WIDTH = 11;

  private StatsText() {}

  static String of(Stats stats, boolean unicode) {
    long[] totals = stats.totals();
    long all = Stats.sum(totals);
    StringBuilder text = new StringBuilder();
    text.append("instance ").append(stats.instance()).append(": ");
    text.append(Text.plural(all, "packet")).append(" decided\n");
    if (all > 0) {
      reasons(text, totals, all);
    }
    String pool = null;
    for (BackendPackets backend : stats.backends()) {
      if (!backend.pool().equals(pool)) {
        pool = backend.pool();
        backends(text, pool, stats.backends(), unicode);
      }
    }
    if (stats.workers().size() > 1) {
      workers(text, stats.workers(), all);
    }
    return text.toString();
  }

  private static void reasons(StringBuilder text, long[] totals, long all) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"REASON", "PACKETS", "SHARE", "MEANING"});
    for (int id = 0; id < totals.length; id++) {
      if (totals[id] != 0) {
        Reason reason = Stats.reason(id);
        rows.add(
            new String[] {
              Stats.label(id),
              Text.count(totals[id]),
              Text.percent(totals[id], all),
              reason == null ? "Counted by a later version." : reason.sentence()
            });
      }
    }
    text.append(Text.table(rows, false, true, true, false));
  }

  private static void backends(
      StringBuilder text, String pool, List<BackendPackets> backends, boolean unicode) {
    long all = 0;
    long most = 0;
    for (BackendPackets backend : backends) {
      if (backend.pool().equals(pool)) {
        all += backend.packets();
        most = Math.max(most, backend.packets());
      }
    }
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"BACKEND", "FWMARK", "PACKETS", "SHARE", ""});
    for (BackendPackets backend : backends) {
      if (backend.pool().equals(pool)) {
        rows.add(
            new String[] {
              backend.name(),
              Integer.toUnsignedString(backend.fwmark()),
              Text.count(backend.packets()),
              Text.percent(backend.packets(), all),
              Text.bar(backend.packets(), most, unicode)
            });
      }
    }
    text.append("\npool ").append(pool).append(": ").append(Text.plural(all, "packet"));
    text.append(" given to its backends\n");
    text.append(Text.table(rows, false, true, true, true, false));
  }

  private static void workers(StringBuilder text, List<Worker> workers, long all) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"WORKER", "PACKETS", "SHARE"});
    for (Worker worker : workers) {
      rows.add(
          new String[] {
            Integer.toString(worker.number()),
            Text.count(worker.packets()),
            Text.percent(worker.packets(), all)
          });
    }
    text.append('\n').append(Text.table(rows, true, true, true));
  }

  /** One line of rates in packets a second. */
  static String rates(Stats before, Stats now, boolean withHead) {
    StatsRates rates = new StatsRates(before, now);
    StringBuilder text = new StringBuilder();
    if (withHead) {
      text.append(Text.right("PACKETS/S", RATE_WIDTH)).append("  REASONS | BACKENDS\n");
    }
    text.append(Text.right(Text.count(rates.packets()), RATE_WIDTH)).append(' ');
    for (int id = 0; id < now.totals().length; id++) {
      if (rates.ofReason(id) != 0) {
        text.append(' ').append(Stats.label(id)).append(' ');
        text.append(Text.count(rates.ofReason(id)));
      }
    }
    text.append(" |");
    for (BackendPackets backend : now.backends()) {
      long rate = rates.of(backend);
      if (rate != 0) {
        text.append(' ').append(backend.name()).append(' ').append(Text.count(rate));
      }
    }
    return text.append('\n').toString();
  }
}
