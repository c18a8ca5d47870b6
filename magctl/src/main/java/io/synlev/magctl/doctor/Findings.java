package io.synlev.magctl.doctor;

import java.util.ArrayList;
import java.util.List;

/** Takes what checks find, in their order. One thread. */
public final class Findings {
  private final List<Finding> found = new ArrayList<>();
  private String check = "";
  private Page page = Page.HOST;

  /** What comes now is of this check. */
  void begin(Check next) {
    check = next.name();
    page = next.page();
  }

  /** Looked at, and as it should be. */
  public void ok(String title) {
    add(Severity.OK, title, "", "");
  }

  /** Good to know. */
  public void note(String title, String why, String fix) {
    add(Severity.NOTE, title, why, fix);
  }

  /** It works, but not well, or not for long. */
  public void warning(String title, String why, String fix) {
    add(Severity.WARNING, title, why, fix);
  }

  /** Packets are lost because of this, or will be. */
  public void failure(String title, String why, String fix) {
    add(Severity.FAILURE, title, why, fix);
  }

  private void add(Severity severity, String title, String why, String fix) {
    found.add(new Finding(severity, check, title, why, fix, page));
  }

  /** Whether this check has found anything but {@link Severity#OK}. */
  public boolean isClean() {
    for (Finding finding : found) {
      if (finding.check().equals(check) && finding.severity() != Severity.OK) {
        return false;
      }
    }
    return true;
  }

  /** All of it. */
  public List<Finding> all() {
    return List.copyOf(found);
  }
}
