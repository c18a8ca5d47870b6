package io.synlev.tests.support;

import java.util.ArrayList;
import java.util.List;

/**
 * A rule of the test's own that counts packets on the balancer's node and has no target: an
 * independent witness.
 */
public final class PacketCounter {
  private final Lab lab;
  private final List<String> chain;
  private final String comment;

  private PacketCounter(Lab lab, List<String> chain, String comment) {
    this.lab = lab;
    this.chain = chain;
    this.comment = comment;
  }

  /**
   * Counts from now on what comes from the client for the VIP, ahead of all other rules.
   *
   * @param name of the counter, unique in its chain
   * @param match more to match, such as {@code -p tcp --syn}
   */
  public static PacketCounter start(Lab lab, Family family, String name, String... match) {
    List<String> all = new ArrayList<>(List.of("-i", Lab.CLIENT, "-d", family.vip()));
    all.addAll(List.of(match));
    return startIn(lab, family, "raw", "PREROUTING", name, all.toArray(String[]::new));
  }

  /** Counts from now on what reaches the end of a built-in chain. */
  public static PacketCounter startIn(
      Lab lab, Family family, String table, String chain, String name, String... match) {
    List<String> rule = new ArrayList<>(List.of(family.iptables(), "-t", table, "-A", chain));
    rule.addAll(List.of(match));
    rule.addAll(List.of("-m", "comment", "--comment", name));
    lab.run(Lab.LB, rule.toArray(String[]::new)).orFail();
    return new PacketCounter(
        lab, List.of(family.iptables(), "-t", table, "-L", chain), "/* " + name + " */");
  }

  /** Packets so far. */
  public long packets() {
    List<String> command = new ArrayList<>(chain);
    command.addAll(List.of("-v", "-x", "-n"));
    String list = lab.run(Lab.LB, command.toArray(String[]::new)).orFail().out();
    String line =
        list.lines()
            .filter(rule -> rule.contains(comment))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no " + comment + " in\n" + list));
    return Long.parseLong(line.strip().split(" +")[0]);
  }
}
