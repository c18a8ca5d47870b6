package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classic short form, typed as people type it: every command is a process of its own. */
class TranscriptTest {
  @TempDir Path stateDir;

  @Test
  void shouldPrintTheClassicTranscript() throws IOException, InterruptedException {
    String expected = read("classic.txt");
    StringBuilder actual = new StringBuilder();
    for (String line : expected.split("\n")) {
      if (line.startsWith("$ magctl ")) {
        Run run = Child.run(stateDir.resolve("state"), line.substring("$ magctl ".length()));
        assertEquals("", run.err(), line);
        assertEquals(0, run.code(), line);
        actual.append(line).append('\n').append(run.out());
      }
    }
    assertEquals(expected, actual.toString());
  }

  private static String read(String resource) throws IOException {
    try (InputStream in = TranscriptTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
