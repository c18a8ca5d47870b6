package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The inputs that {@code ./synlev fuzz} kept; docs/testing.md. */
class SteeringCorpusTest {

  @TempDir Path base;

  private static List<String> kept() throws IOException {
    try (InputStream corpus = SteeringCorpusTest.class.getResourceAsStream("Steering.corpus")) {
      return new String(corpus.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }

  @Test
  void shouldStandWhatWasKept() throws Exception {
    assertTrue(kept().size() > 1, "an empty corpus");
    try (SteeringProbe probe = new SteeringProbe(base)) {
      for (String input : kept()) {
        try {
          SteeringFuzz.run(probe, HexFormat.of().parseHex(input));
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(input, e);
        }
      }
    }
  }
}
