package io.synlev.steering;

import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds services that never get a packet, and services that share packets although nobody said
 * which comes first. Works on the sets of packets that services are for, with the rules and the
 * order of {@link Steering}; nothing is sampled. For tools: allocates, and takes up to a second for
 * thousands of services.
 *
 * <p>Echo requests that a service takes although it is not for ICMP are left out of account.
 */
public final class ServiceAudit {

  /** What can be the matter with a service. */
  public enum Kind {
    /** Services before it take all of its packets. */
    SHADOWED,
    /** Services before it take all of its packets to one of its VIPs. */
    PARTLY_SHADOWED,
    /** Another service of the same priority takes some of its packets, and each has others. */
    OVERLAP,
    /** It was too much work to find out. */
    UNDECIDED
  }

  /**
   * What is the matter with one service.
   *
   * @param service its name
   * @param others the services that take its packets
   * @param where protocol and VIP, or a packet that both are for
   */
  public record Finding(Kind kind, String service, List<String> others, String where) {}

  /** Pieces that are looked at for one rule: enough for any configuration that people write. */
  private static final int MAX_WORK = 2_000_000;

  private static final PacketClass[] CLASSES = {
    PacketClass.TCP, PacketClass.UDP, PacketClass.SCTP, PacketClass.ECHO, PacketClass.OTHER
  };

  /** A rule and its packets. */
  private record Territory(Rule rule, List<PacketSet> sets) {}

  /** Where a service loses. */
  private record Loss(String where, Set<Integer> winners) {}

  private final List<Service> services;
  private final Set<Integer> reached = new HashSet<>();
  private final Map<Integer, List<Loss>> losses = new LinkedHashMap<>();
  private final Map<List<Integer>, String> overlaps = new LinkedHashMap<>();
  private final Set<Integer> undecided = new TreeSet<>();
  private int work;

  private ServiceAudit(List<Service> services) {
    this.services = services;
  }

  /** Everything that is the matter, in the order of the services. */
  public static List<Finding> of(List<Service> services) {
    ServiceAudit audit = new ServiceAudit(services);
    for (PacketClass packets : CLASSES) {
      audit.examine(packets, false);
      audit.examine(packets, true);
    }
    return audit.findings();
  }

  private void examine(PacketClass packets, boolean ipv6) {
    List<Territory> before = new ArrayList<>();
    for (Rule rule : RuleExpansion.rules(services, packets, ipv6)) {
      if (!rule.rank().borrowed()) {
        Territory territory = new Territory(rule, PacketSet.of(rule, packets.protocol()));
        examine(territory, neighbours(rule.vip(), before), packets.protocol());
        before.add(territory);
      }
    }
  }

  private static List<Territory> neighbours(Prefix vip, List<Territory> before) {
    return before.stream().filter(other -> PacketSet.meet(other.rule.vip(), vip)).toList();
  }

  private void examine(Territory own, List<Territory> before, Protocol protocol) {
    int service = own.rule.service();
    Set<Integer> winners = new TreeSet<>();
    List<PacketSet> taken = new ArrayList<>();
    for (Territory other : before) {
      for (PacketSet set : other.sets) {
        if (own.sets.stream().anyMatch(set::meets)) {
          taken.add(set);
          winners.add(other.rule.service());
        }
      }
    }
    work = 0;
    boolean lost = own.sets.stream().allMatch(set -> isCovered(set, taken, 0));
    if (work > MAX_WORK) {
      undecided.add(service);
    } else if (lost) {
      losses
          .computeIfAbsent(service, _ -> new ArrayList<>())
          .add(new Loss(protocol.label() + " to " + own.rule.vip(), winners));
      return;
    }
    reached.add(service);
    for (Territory other : before) {
      noteOverlap(other, own);
    }
  }

  /** Whether every packet of a set is in one of the others, from one of them on. */
  private boolean isCovered(PacketSet set, List<PacketSet> others, int from) {
    if (work++ > MAX_WORK) {
      return false;
    }
    for (int i = from; i < others.size(); i++) {
      if (others.get(i).meets(set)) {
        for (PacketSet piece : set.without(others.get(i))) {
          if (!isCovered(piece, others, i + 1)) {
            return false;
          }
        }
        return true;
      }
    }
    return set.isEmpty();
  }

  private void noteOverlap(Territory winner, Territory loser) {
    List<Integer> pair = List.of(winner.rule.service(), loser.rule.service());
    if (pair.getFirst().equals(pair.getLast())
        || overlaps.containsKey(pair)
        || winner.rule.rank().priority() != loser.rule.rank().priority()) {
      return;
    }
    for (PacketSet set : winner.sets) {
      for (PacketSet other : loser.sets) {
        if (set.meets(other) && !set.and(other).isEmpty()) {
          work = 0;
          boolean isPart = winner.sets.stream().allMatch(one -> isCovered(one, loser.sets, 0));
          if (!isPart) {
            overlaps.put(pair, set.and(other).example());
          }
          return;
        }
      }
    }
  }

  private List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    losses.forEach(
        (service, lost) -> {
          if (reached.contains(service)) {
            for (Loss loss : lost) {
              findings.add(finding(Kind.PARTLY_SHADOWED, service, loss.winners, loss.where));
            }
          } else {
            Set<Integer> winners = new TreeSet<>();
            lost.forEach(loss -> winners.addAll(loss.winners));
            findings.add(finding(Kind.SHADOWED, service, winners, lost.getFirst().where));
          }
        });
    overlaps.forEach(
        (pair, example) ->
            findings.add(finding(Kind.OVERLAP, pair.getLast(), Set.of(pair.getFirst()), example)));
    undecided.forEach(
        service -> findings.add(finding(Kind.UNDECIDED, service, Collections.emptySet(), "")));
    findings.sort(java.util.Comparator.comparing(Finding::service).thenComparing(Finding::kind));
    return findings;
  }

  private Finding finding(Kind kind, int service, Set<Integer> others, String where) {
    Set<String> names = new LinkedHashSet<>();
    others.forEach(other -> names.add(services.get(other).name()));
    return new Finding(kind, services.get(service).name(), List.copyOf(names), where);
  }
}
