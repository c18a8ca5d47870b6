package io.synlev.tests.support;

import java.util.ArrayList;
import java.util.List;

/**
 * A command that a page shows, and the output that it shows after it.
 *
 * @param command as typed, continued lines joined
 * @param output without the last line's end
 */
public record Transcript(String command, String output) {
  private static final String PROMPT = "$ ";

  /** All commands in the {@code console} blocks of a Markdown page, in their order. */
  public static List<Transcript> of(String page) {
    List<Transcript> transcripts = new ArrayList<>();
    boolean inside = false;
    boolean continued = false;
    String command = null;
    List<String> output = new ArrayList<>();
    for (String line : (page + "\n").split("\n", -1)) {
      boolean fence = line.startsWith("```");
      if (command != null && (fence || line.startsWith(PROMPT))) {
        transcripts.add(new Transcript(command, String.join("\n", output)));
        command = null;
        output.clear();
      }
      if (fence) {
        inside = line.equals("```console");
      } else if (continued) {
        command += "\n" + line;
      } else if (inside && line.startsWith(PROMPT)) {
        command = line.substring(PROMPT.length());
      } else if (inside) {
        output.add(line);
      }
      continued = inside && line.endsWith("\\");
    }
    return transcripts;
  }
}
