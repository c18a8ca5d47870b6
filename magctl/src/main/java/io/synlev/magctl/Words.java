package io.synlev.magctl;

import io.synlev.state.AdminState;
import io.synlev.state.Forwarding;
import io.synlev.state.HashOn;
import io.synlev.state.Health;
import io.synlev.state.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The words for what can be chosen: lower case in commands, and what completion offers. */
final class Words {
  private Words() {}

  static Policy policy(String word) {
    return choose("policy", word, Policy.values());
  }

  static Forwarding forwarding(String word) {
    return choose("forwarding", word, Forwarding.values());
  }

  static HashOn hashOn(String word) {
    return choose("hash", word, HashOn.values());
  }

  static HashOn serviceHash(String word) {
    for (HashOn one : HashOn.values()) {
      if (one.label().equalsIgnoreCase(word)) {
        return one;
      }
    }
    throw new UsageException(
        "'" + word + "' is no hash: choose one of " + String.join(", ", new ServiceHashes()));
  }

  static boolean yes(String option, String word) {
    if (word.equals("yes") || word.equals("no")) {
      return word.equals("yes");
    }
    throw new UsageException("'" + option + " " + word + "': choose yes or no");
  }

  static AdminState state(String word) {
    return choose("state", word, AdminState.values());
  }

  static Health health(String word) {
    return choose("health", word, Health.values());
  }

  private static <E extends Enum<E>> E choose(String what, String word, E[] all) {
    List<String> words = new ArrayList<>();
    for (E one : all) {
      String name = one.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
      if (name.equalsIgnoreCase(word)) {
        return one;
      }
      words.add(name);
    }
    throw new UsageException(
        "'" + word + "' is no " + what + ": choose one of " + String.join(", ", words));
  }

  /** Offers policies. */
  static final class Policies extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Policies() {
      super(Stream.of(Policy.values()).map(Policy::label).toList());
    }
  }

  /** Offers ways of forwarding. */
  static final class Forwardings extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Forwardings() {
      super(List.of("l2dsr", "ipip", "nat"));
    }
  }

  /** Offers what can be hashed on. */
  static final class Hashes extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Hashes() {
      super(List.of("tuple", "addresses", "ports"));
    }
  }

  /** Offers what can be hashed on for a service. */
  static final class ServiceHashes extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    ServiceHashes() {
      super(List.of("tuple", "addresses", "ports", "pool"));
    }
  }

  /** Offers protocols. */
  static final class Protocols extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Protocols() {
      super(List.of("tcp", "udp", "sctp", "icmp", "other", "all"));
    }
  }

  /** Offers states. */
  static final class States extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    States() {
      super(List.of("active", "draining", "inactive"));
    }
  }

  /** Offers kinds of health checks. */
  static final class Checks extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Checks() {
      super(List.of("tcp", "http", "https", "udp", "icmp", "command"));
    }
  }

  /** Offers ways that health checks take. */
  static final class Ways extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Ways() {
      super(List.of("forwarding", "direct"));
    }
  }

  /** Offers what can become of a pool when nobody answers. */
  static final class AllDowns extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    AllDowns() {
      super(List.of("keep", "drop"));
    }
  }

  /** Offers what health checks may find. */
  static final class Healths extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Healths() {
      super(List.of("up", "down"));
    }
  }
}
