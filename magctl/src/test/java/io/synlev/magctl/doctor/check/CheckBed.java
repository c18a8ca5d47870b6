package io.synlev.magctl.doctor.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.magctl.doctor.Doctor;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Finding;
import io.synlev.magctl.doctor.LabFacts;
import io.synlev.magctl.doctor.Severity;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Facts of a healthy lab, and what all checks find when one of them is another. */
abstract class CheckBed {
  @TempDir Path root;
  LabFacts lab;

  @BeforeEach
  void capture() {
    lab = new LabFacts(root);
  }

  /** What is found, without what is fine. */
  static List<Finding> examine(Facts facts) {
    return Doctor.examine(Checks.all(), facts, false).stream()
        .filter(finding -> finding.severity() != Severity.OK)
        .toList();
  }

  /** This is found, and nothing else. */
  final void finds(String check, Severity severity, String title) {
    List<Finding> found = examine(lab.facts());
    assertEquals(1, found.size(), found::toString);
    assertEquals(check, found.getFirst().check());
    assertEquals(severity, found.getFirst().severity(), found::toString);
    assertTrue(found.getFirst().title().contains(title), found::toString);
  }
}
