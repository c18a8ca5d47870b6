package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Requirements;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The virtual machine says nothing about a command whose method has got another name. */
class CompileCommandsTest {

  @Test
  void shouldNameMethodsThatThereAre() throws Exception {
    List<String> commands =
        Files.readAllLines(Requirements.home().resolve("packaging/lbd.compile")).stream()
            .filter(line -> line.startsWith("dontinline,"))
            .map(line -> line.substring("dontinline,".length()))
            .toList();
    assertFalse(commands.isEmpty());
    for (String command : commands) {
      String[] parts = command.split("::");
      assertEquals(2, parts.length, command);
      Class<?> type = Class.forName(parts[0], false, getClass().getClassLoader());
      assertTrue(
          parts[1].equals("*")
              || Arrays.stream(type.getDeclaredMethods())
                  .anyMatch(method -> method.getName().equals(parts[1])),
          command);
    }
  }
}
