package io.synlev.magctl;

import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Says what create did.
 *
 * @param creation what was created
 * @param wantedSlots the size that was asked for
 */
record CreateReport(PoolCreation creation, int wantedSlots) {
  /** Longer lists are shortened. */
  private static final int LONGEST_LIST = 12;

  Map<String, Object> json() {
    PoolSettings settings = creation.settings();
    List<Object> backends = new ArrayList<>();
    for (Backend backend : creation.backends()) {
      backends.add(
          Json.object(
              "name", backend.name(),
              "fwmark", Integer.toUnsignedLong(backend.fwmark()),
              "state", backend.state().label()));
    }
    return Json.object(
        "instance", creation.directory().instance(),
        "instanceCreated", creation.instanceCreated(),
        "pool", settings.name(),
        "slots", settings.slots(),
        "wantedSlots", wantedSlots,
        "capacity", settings.capacity(),
        "policy", settings.policy().label(),
        "hash", settings.hashOn().label(),
        "ownFwmark", Integer.toUnsignedLong(settings.ownFwmark()),
        "backends", backends,
        "services",
            creation.service() == null ? List.of() : ShowJson.services(List.of(creation.service())),
        "daemon", creation.confirmation().json());
  }

  String text() {
    PoolSettings settings = creation.settings();
    StringBuilder text = new StringBuilder();
    if (settings.slots() != wantedSlots) {
      text.append(Text.count(wantedSlots)).append(" is no prime: the table gets ");
      text.append(Text.plural(settings.slots(), "slot")).append(", the next prime below\n");
    }
    text.append("pool ").append(settings.name());
    text.append(creation.instanceCreated() ? " and instance " : " in instance ");
    text.append(creation.directory().instance());
    text.append(creation.instanceCreated() ? " are" : " is").append(" created: ");
    text.append(Text.plural(settings.slots(), "slot"));
    text.append(", policy ").append(settings.policy().label());
    text.append(", hash on ").append(settings.hashOn().label());
    if (settings.ownFwmark() != 0) {
      text.append(", own fwmark ").append(Integer.toUnsignedString(settings.ownFwmark()));
    }
    text.append('\n');
    backends(text);
    if (settings.ownFwmark() != 0 && !hasOwn()) {
      text.append("no backend has the own fwmark: this balancer owns no fragment until one has\n");
    }
    if (creation.service() != null) {
      text.append("service ").append(creation.service().name()).append(':');
      for (Prefix vip : creation.service().vips()) {
        text.append(' ').append(vip);
      }
      text.append('\n');
    }
    if (creation.seedWasRandom()) {
      text.append("the seed is random; other balancers of the tier need the same: ");
      text.append("'magctl show --seed'\n");
    }
    return text.append(creation.confirmation().text()).toString();
  }

  private boolean hasOwn() {
    return creation.backends().stream()
        .anyMatch(backend -> backend.fwmark() == creation.settings().ownFwmark());
  }

  private void backends(StringBuilder text) {
    List<String> names = new ArrayList<>();
    List<String> active = new ArrayList<>();
    List<String> marks = new ArrayList<>();
    for (Backend backend : creation.backends()) {
      names.add(backend.name());
      marks.add(Integer.toUnsignedString(backend.fwmark()));
      if (backend.state() == AdminState.ACTIVE) {
        active.add(backend.name());
      }
    }
    if (names.isEmpty()) {
      text.append("no backends yet: 'magctl backend add' adds one\n");
      return;
    }
    text.append("backends ").append(shorten(names));
    text.append("\n  fwmarks ").append(shorten(marks));
    text.append("\n  active  ").append(active.isEmpty() ? "none" : shorten(active)).append('\n');
  }

  private static String shorten(List<String> words) {
    if (words.size() <= LONGEST_LIST) {
      return String.join(" ", words);
    }
    return String.join(" ", words.subList(0, LONGEST_LIST - 2))
        + " ... "
        + words.getLast()
        + " ("
        + Text.count(words.size())
        + ")";
  }
}
