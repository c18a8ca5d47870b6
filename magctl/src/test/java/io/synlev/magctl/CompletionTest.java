package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script as bash itself runs it. */
class CompletionTest extends Sandbox {
  @ParameterizedTest
  @CsvSource({
    "'magctl dea', deactivate",
    "'magctl backend s', set",
    "'magctl create --own', --own-fwmark",
    "'magctl create --policy mag', maglev",
    "'magctl backend set s1 --state dr', draining",
  })
  void shouldComplete(String line, String completed) throws IOException, InterruptedException {
    Path script = temp.resolve("magctl.bash");
    Files.writeString(script, done("completion"));
    String bash =
        """
        source "$1"
        read -ra COMP_WORDS <<<"$2"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        COMP_LINE=$2 COMP_POINT=${#2}
        _complete_magctl
        printf '%s\\n' "${COMPREPLY[@]}"
        """;
    Process process =
        new ProcessBuilder(List.of("bash", "-c", bash, "bash", script.toString(), line))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), said);
    assertTrue(said.lines().map(String::strip).anyMatch(completed::equals), said);
  }
}
