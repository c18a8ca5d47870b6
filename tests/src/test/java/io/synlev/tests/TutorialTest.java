package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.synlev.tests.support.Commands;
import io.synlev.tests.support.Commands.Result;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.Transcript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Types docs/tutorial.md, in one shell, and compares what is the same each time. */
@ExtendWith(Requirements.class)
class TutorialTest {
  private static final String MARK = "=== next command ===\n";

  /** Numbers that chance or the machine decides. */
  private static final List<Pattern> VARIES =
      List.of(
          Pattern.compile("(?<=\"(s\\d|answers)\":)\\d+"),
          Pattern.compile("(?<=pid )\\d+"),
          Pattern.compile("(?<=iptables-)(nft|legacy)"),
          Pattern.compile("(?m)^(queued|offloaded|saved).*$"));

  @TempDir Path scratch;

  @Test
  void shouldBeTrue() throws IOException {
    List<Transcript> page =
        Transcript.of(Files.readString(Requirements.home().resolve("docs/tutorial.md")));
    assertFalse(page.isEmpty());
    try (Lab lab = Lab.toBeMade(4)) {
      Result result = type(page, lab.name());
      String[] outputs = result.out().split(MARK, -1);
      assertEquals(page.size(), outputs.length - 1, result::toString);
      for (int i = 0; i < page.size(); i++) {
        if (!hasChance(page.get(i).command())) {
          String seen = page.get(i).command() + "\n" + result;
          assertEquals(same(page.get(i).output()), same(outputs[i]), seen);
        }
      }
    }
  }

  /** In the scratch directory, where ./synlev is the real one for as long as it lasts. */
  private Result type(List<Transcript> page, String lab) {
    StringBuilder script = new StringBuilder("set -m\ntrap 'rm synlev' EXIT\n");
    script.append("ln -s \"$SYNLEV_HOME/synlev\" synlev\n");
    for (Transcript each : page) {
      script.append(each.command().replaceAll("\\bmy\\b", lab)).append('\n');
      script.append("s=$?; test $s = 0 || test $s = 143 || echo \"exit $s\"\n");
      script.append("echo '").append(MARK.strip()).append("'\n");
      if (each.command().endsWith("&")) {
        script.append(waitForEffect(each.command(), lab));
      }
    }
    return Commands.run(
        List.of("bash", "-c", "cd '" + scratch + "' && eval \"$SCRIPT\""),
        Map.of(
            "SCRIPT",
            script.toString(),
            "SYNLEV_STATE_DIR",
            scratch.resolve("state").toString(),
            "LC_ALL",
            "C.UTF-8"));
  }

  /** A person who types takes as long as that. */
  private static String waitForEffect(String command, String lab) {
    String condition =
        command.contains("lbd")
            ? "./synlev lab exec " + lab + " lb grep -q . /proc/net/netfilter/nfnetlink_queue"
            : "grep -q established held";
    return "for t in {1..500}; do ! " + condition + " || break; sleep 0.02; done\n";
  }

  /** Log lines, which go to stderr, and shares of what chance has made. */
  private static boolean hasChance(String command) {
    return command.endsWith("lbd &")
        || command.startsWith("kill")
        || command.endsWith("magctl stats");
  }

  private static String same(String output) {
    String text = output;
    for (Pattern pattern : VARIES) {
      text = pattern.matcher(text).replaceAll("?");
    }
    return text.strip();
  }
}
