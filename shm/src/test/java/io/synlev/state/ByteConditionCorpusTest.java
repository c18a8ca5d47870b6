package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The inputs that {@code ./synlev fuzz} kept; docs/testing.md. */
class ByteConditionCorpusTest {

  private static List<String> kept() throws IOException {
    try (InputStream corpus =
        ByteConditionCorpusTest.class.getResourceAsStream("ByteCondition.corpus")) {
      return new String(corpus.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }

  @Test
  void shouldStandWhatWasKept() throws Exception {
    assertTrue(kept().size() > 1, "an empty corpus");
    for (String input : kept()) {
      try {
        ByteConditionFuzz.fuzzerTestOneInput(HexFormat.of().parseHex(input));
      } catch (Exception | AssertionError e) {
        throw new AssertionError(input, e);
      }
    }
  }
}
