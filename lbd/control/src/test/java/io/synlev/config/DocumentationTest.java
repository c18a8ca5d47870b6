package io.synlev.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import io.synlev.state.Contents;
import io.synlev.state.InstanceSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schema and the tables of docs/configuration.md say what the reader knows. With {@code
 * -Dsynlev.docs.write=true} they are written anew instead: read them before you commit.
 */
class DocumentationTest {
  private static final Path DOCS = Path.of("..", "..", "docs");
  private static final Path PAGE = DOCS.resolve("configuration.md");
  private static final Path SCHEMA = DOCS.resolve("configuration.schema.json");
  private static final String BEGIN = "<!-- keys: written by the test of io.synlev.config -->\n";
  private static final String END = "<!-- end of keys -->";

  private static void assertSays(Path file, String said, String actual) throws IOException {
    if (Boolean.getBoolean("synlev.docs.write")) {
      Files.writeString(file, actual);
    }
    assertEquals(actual, said);
  }

  @Test
  void shouldHaveEveryKeyInTheTables() throws IOException {
    String page = Files.readString(PAGE);
    int from = page.indexOf(BEGIN) + BEGIN.length();
    String actual =
        page.substring(0, from) + "\n" + Schema.tables() + page.substring(page.indexOf(END));
    assertSays(PAGE, page, actual);
  }

  @Test
  void shouldHaveEveryKeyInTheSchema() throws IOException {
    String schema = Files.exists(SCHEMA) ? Files.readString(SCHEMA) : "";
    assertSays(SCHEMA, schema, Schema.text());
  }

  static List<String> examples() throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.list(DOCS.resolve("examples"))) {
      for (Path file : files.sorted().toList()) {
        texts.add(Files.readString(file));
      }
    }
    String page = Files.readString(PAGE);
    int from = page.indexOf("```yaml\n") + "```yaml\n".length();
    texts.add(page.substring(from, page.indexOf("```", from)));
    return texts;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void shouldTakeEveryExampleWithoutAWarning(String text) {
    ConfigFile file = ConfigFile.parse("example", Path.of("."), text);
    InstanceSettings settings = file.settings(new Seed(1, 2));
    Contents contents = file.contents(Contents.EMPTY, settings);
    assertTrue(!contents.services().isEmpty());
    assertEquals(List.of(), file.warnings(Contents.EMPTY, contents));
  }

  @Test
  void shouldHaveAnExampleForEachUse() throws IOException {
    assertEquals(8, examples().size());
  }
}
