package io.synlev.magctl.whynot;

import io.synlev.magctl.doctor.Finding;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.Severity;
import java.util.ArrayList;
import java.util.List;

/** The packet's way as far as it was seen, and why it ended where it did. One thread. */
public final class Journey {
  private final List<Hop> hops = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  void passed(String name, String text) {
    hops.add(new Hop(name, Hop.Outcome.PASSED, text));
  }

  void unseen(String name, String text) {
    hops.add(new Hop(name, Hop.Outcome.UNSEEN, text));
  }

  void ended(String name, String text) {
    hops.add(new Hop(name, Hop.Outcome.ENDED, text));
  }

  /** What explains the end. */
  void because(Finding finding) {
    findings.add(finding);
  }

  /** What explains the end. */
  void because(String title, String why, String fix, Page see) {
    because(new Finding(Severity.FAILURE, "why-not", title, why, fix, see));
  }

  /** The stations in their order. */
  public List<Hop> hops() {
    return List.copyOf(hops);
  }

  /** What explains the end; nothing if the packet did not end on its way. */
  public List<Finding> findings() {
    return List.copyOf(findings);
  }

  /** Where it ended, or null. */
  public String end() {
    return hops.stream()
        .filter(hop -> hop.outcome() == Hop.Outcome.ENDED)
        .map(Hop::name)
        .findFirst()
        .orElse(null);
  }
}
