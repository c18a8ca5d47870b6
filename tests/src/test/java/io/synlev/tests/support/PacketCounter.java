package io.synlev.tests.support;

import java.util.ArrayList;
import java.util.List;

/**
 * A rule of the test's own that counts packets before any other rule sees them: the independent
 * witness of what arrived. It is in raw PREROUTING of the balancer's node and has no target.
 */
public final class PacketCounter {
  private final Lab lab;
  private final Family family;
  private final String comment;

  private PacketCounter(Lab lab, Family family, String comment) {
    this.lab = lab;
    this.family = family;
    this.comment = comment;
  }

  /**
   * Counts from now on what comes from the client for the VIP.
   *
   * @param name of the counter, unique in the lab
   * @param match more to match, such as {@code -p tcp --syn}
   */
  public static PacketCounter start(Lab lab, Family family, String name, String... match) {
    List<String> rule = new ArrayList<>();
    rule.addAll(List.of(family.iptables(), "-t", "raw", "-A", "PREROUTING"));
    rule.addAll(List.of("-i", Lab.CLIENT, "-d", family.vip()));
    rule.addAll(List.of(match));
    rule.addAll(List.of("-m", "comment", "--comment", name));
    lab.run(Lab.LB, rule.toArray(String[]::new)).orFail();
    return new PacketCounter(lab, family, "/* " + name + " */");
  }

  /** Packets so far. */
  public long packets() {
    String list =
        lab.run(Lab.LB, family.iptables(), "-t", "raw", "-L", "PREROUTING", "-v", "-x", "-n")
            .orFail()
            .out();
    String line =
        list.lines()
            .filter(rule -> rule.contains(comment))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no " + comment + " in\n" + list));
    return Long.parseLong(line.strip().split(" +")[0]);
  }
}
