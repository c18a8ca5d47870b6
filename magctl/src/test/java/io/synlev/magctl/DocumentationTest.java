package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Reason;
import io.synlev.state.Instance;
import io.synlev.state.PoolCursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Every example of docs/magctl.md, run in its order; what it prints must be what stands there. With
 * {@code -Dsynlev.docs.write=true} the page is written anew instead: read it before you commit it.
 */
class DocumentationTest extends Sandbox {
  private static final Path PAGE = Path.of("..", "docs", "magctl.md");

  @Test
  void shouldPrintWhatTheDocumentationSays() throws IOException {
    String page = Files.readString(PAGE);
    String actual = rerun(page);
    if (Boolean.getBoolean("synlev.docs.write")) {
      Files.writeString(PAGE, actual);
    }
    assertEquals(page, actual);
  }

  @Test
  void shouldDocumentEveryCommand() throws IOException {
    String page = Files.readString(PAGE);
    for (String[] command : Commands.ALL) {
      assertTrue(page.contains("magctl " + command[0]), command[0] + " has no example");
    }
  }

  private String rerun(String page) {
    StringBuilder actual = new StringBuilder();
    boolean inExample = false;
    for (String line : page.split("\n", -1)) {
      if (line.equals("```console") || inExample && line.equals("```")) {
        inExample = !inExample;
        actual.append(line).append('\n');
      } else if (!inExample) {
        actual.append(line).append('\n');
      } else if (line.startsWith("$ magctl ")) {
        String command = line.substring("$ magctl ".length());
        if (command.equals("stats")) {
          serveSomePackets();
        }
        // The page names files as they are seen from the root of the repository.
        Run run = run(command.replace(" docs/", " ../docs/"));
        String said = (run.out() + run.err()).replace("../docs/", "docs/");
        actual.append(line).append('\n').append(said.replace(base().toString(), "STATE_DIR"));
      }
    }
    actual.setLength(actual.length() - 1);
    return actual.toString();
  }

  /** What two workers would have counted. */
  private void serveSomePackets() {
    try (Instance instance = open()) {
      for (int worker = 0; worker < 2; worker++) {
        instance.counters(worker).add(Reason.FORWARDED_TCP.id(), 1_000);
        instance.counters(worker).add(Reason.NO_SERVICE.id(), 7 * worker);
        PoolCursor cursor = instance.pool("web").cursor(worker);
        cursor.refresh(instance.epoch());
        for (int flow = 0; flow < 1_000; flow++) {
          // Hashes that are spread evenly, as the flow hash spreads flows.
          cursor.count(cursor.backend(flow * 0x9e3779b1));
        }
      }
    }
  }
}
