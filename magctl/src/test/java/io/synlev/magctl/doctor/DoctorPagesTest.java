package io.synlev.magctl.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.magctl.doctor.check.Checks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What findings refer to is there. */
class DoctorPagesTest {
  private static final Path ROOT = Path.of("..");

  @ParameterizedTest
  @EnumSource
  void shouldReferToAHeadingThatIsThere(Page page) throws IOException {
    String[] parts = page.path().split("#");
    assertEquals(2, parts.length, page.path());
    List<String> anchors =
        Files.readAllLines(ROOT.resolve(parts[0])).stream()
            .filter(line -> line.matches("#+ .*"))
            .map(DoctorPagesTest::anchor)
            .toList();
    assertTrue(anchors.contains(parts[1]), () -> page.path() + " is none of " + anchors);
  }

  /** As GitHub makes it: lower case, punctuation gone, a dash for each blank. */
  private static String anchor(String heading) {
    return heading
        .replaceFirst("#+ ", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  @Test
  void shouldDocumentEveryCheckInTheOrderOfTheirRuns() throws IOException {
    List<String> documented =
        Pattern.compile("(?m)^\\| `([a-z-]+)` \\|.*\\|.*\\|$")
            .matcher(Files.readString(ROOT.resolve("docs/doctor.md")))
            .results()
            .map(row -> row.group(1))
            .toList();
    assertEquals(Checks.all().stream().map(Check::name).toList(), documented);
  }
}
