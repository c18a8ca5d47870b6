package io.synlev.magctl;

import io.synlev.state.Addresses;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Forwarding;
import io.synlev.state.Health;
import io.synlev.state.HealthCheck;
import io.synlev.state.PoolSettings;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Service;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** An instance for people. */
final class ShowText {
  private static final int GREEN = 32;
  private static final int YELLOW = 33;
  private static final int RED = 31;
  private static final int FAINT = 2;

  private final StringBuilder text = new StringBuilder();
  private final boolean colours;
  private final boolean unicode;

  private ShowText(Console console) {
    this.colours = console.colours();
    this.unicode = console.unicode();
  }

  static String of(InstanceView view, int firstSlots, Console console) {
    ShowText show = new ShowText(console);
    show.head(view);
    for (PoolSnapshot pool : view.pools()) {
      show.pool(pool, view.checks().get(pool.settings().name()), firstSlots);
    }
    if (view.pools().isEmpty()) {
      show.text.append("\nno pools: 'magctl create' makes one\n");
    }
    for (Service service : view.services()) {
      show.service(service);
    }
    return show.text.toString();
  }

  /** The backends of a pool alone. */
  static String backends(PoolSnapshot pool, Console console) {
    ShowText show = new ShowText(console);
    show.backends(pool);
    return show.text.toString();
  }

  private void head(InstanceView view) {
    text.append("instance ").append(view.directory().instance());
    text.append(": mark mask ").append(Text.hex(view.markMask())).append(", ");
    if (view.daemon().isAlive()) {
      int first = view.daemon().firstQueue();
      int last = view.daemon().lastQueue();
      text.append("served by lbd with pid ").append(view.daemon().pid());
      if (first < 0) {
        text.append(" without queues\n");
        return;
      }
      text.append(first == last ? " on queue " : " on queues ").append(first);
      text.append(first == last ? "" : ":" + last).append('\n');
    } else {
      text.append("no lbd serves it\n");
    }
  }

  private void pool(PoolSnapshot pool, HealthCheck check, int firstSlots) {
    PoolSettings settings = pool.settings();
    text.append("\npool ").append(settings.name());
    text.append(": generation ").append(pool.generation());
    text.append(", ").append(Text.plural(settings.slots(), "slot"));
    text.append(", policy ").append(settings.policy().label());
    text.append(", hash on ").append(settings.hashOn().label());
    if (settings.ownFwmark() != 0) {
      text.append(", own fwmark ").append(settings.ownFwmark());
    }
    if (settings.forwarding() != Forwarding.L2DSR) {
      text.append(", forwarding ").append(settings.forwarding().label());
    }
    text.append('\n');
    if (check != null) {
      text.append("  health check: ").append(HealthText.of(check)).append('\n');
    }
    if (pool.members().isEmpty()) {
      text.append("  no backends: 'magctl backend add' adds one\n");
      return;
    }
    backends(pool);
    firstSlots(pool, Math.clamp(firstSlots, 0, settings.slots()));
  }

  private void backends(PoolSnapshot pool) {
    int most = 0;
    boolean withAddresses = false;
    for (PoolSnapshot.Member member : pool.members()) {
      most = Math.max(most, member.slots());
      withAddresses |= !addresses(member.backend()).isEmpty();
    }
    List<String[]> rows = new ArrayList<>();
    rows.add(
        row(
            withAddresses,
            "BACKEND",
            "FWMARK",
            "WEIGHT",
            "STATE",
            "HEALTH",
            "ADDRESSES",
            "SLOTS",
            "SHARE",
            ""));
    for (PoolSnapshot.Member member : pool.members()) {
      Backend backend = member.backend();
      rows.add(
          row(
              withAddresses,
              backend.name(),
              Integer.toUnsignedString(backend.fwmark()),
              Integer.toString(backend.weight()),
              paint(backend.state()),
              paint(backend.health()),
              addresses(backend),
              Text.count(member.slots()),
              Text.percent(member.slots(), pool.table().length),
              Text.bar(member.slots(), most, unicode)));
    }
    text.append(
        withAddresses
            ? Text.table(rows, false, true, true, false, false, false, true, true, false)
            : Text.table(rows, false, true, true, false, false, true, true, false));
    for (PoolSnapshot.Member member : pool.members()) {
      if (member.backend().drainEnds()) {
        drain(member.backend());
      }
    }
  }

  private void drain(Backend backend) {
    Instant until = Instant.ofEpochSecond(backend.drainUntilSeconds());
    text.append("  ").append(backend.name()).append(" drains until ").append(until);
    text.append(" at the latest\n");
  }

  /** All cells, or all but the addresses, which stand sixth. */
  private static String[] row(boolean withAddresses, String... cells) {
    if (withAddresses) {
      return cells;
    }
    String[] without = new String[cells.length - 1];
    System.arraycopy(cells, 0, without, 0, 5);
    System.arraycopy(cells, 6, without, 5, without.length - 5);
    return without;
  }

  private static String addresses(Backend backend) {
    String ipv4 = backend.ipv4() == null ? "" : Addresses.format(backend.ipv4());
    String ipv6 = backend.ipv6() == null ? "" : Addresses.format(backend.ipv6());
    return ipv4.isEmpty() || ipv6.isEmpty() ? ipv4 + ipv6 : ipv4 + " " + ipv6;
  }

  private void firstSlots(PoolSnapshot pool, int count) {
    if (count == 0) {
      return;
    }
    String[] names = new String[pool.settings().capacity()];
    for (PoolSnapshot.Member member : pool.members()) {
      names[member.index()] = member.backend().name();
    }
    text.append("  first slots:");
    for (int slot = 0; slot < count; slot++) {
      int index = pool.table()[slot];
      text.append(' ').append(index < names.length && names[index] != null ? names[index] : "-");
    }
    text.append(count < pool.table().length ? " ...\n" : "\n");
  }

  private void service(Service service) {
    text.append("\nservice ").append(service.name()).append(" -> pool ").append(service.pool());
    text.append(ServiceText.handling(service)).append(": ");
    text.append(ServiceText.packets(service)).append('\n');
  }

  private String paint(AdminState state) {
    return paint(
        state.label(),
        switch (state) {
          case ACTIVE -> GREEN;
          case DRAINING -> YELLOW;
          case INACTIVE -> FAINT;
        });
  }

  private String paint(Health health) {
    return paint(health.label(), health == Health.UP ? GREEN : RED);
  }

  private String paint(String word, int colour) {
    return colours ? Text.coloured(word, colour) : word;
  }
}
