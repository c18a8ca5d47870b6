package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The quick way and picocli must understand the same. */
class QuickArgumentsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "show",
        "show a b",
        "show --json --instance x a --state-dir /tmp b",
        "show --plain",
        "activate s1",
        "activate s1 0x2 --pool web --json 3",
        "deactivate --state-dir /x --instance y --pool z s1 s2",
        "deactivate --flush s1 --pool z",
        "drain s1 s2",
        "drain s1 --timeout 5m --watch --pool z --json",
        "drain -w s1",
        "explain 1.2.3.4:5 6.7.8.9:10",
        "explain udp 1.2.3.4:5 6.7.8.9:10 --json --instance x",
        "version",
        "version --json",
        "lookup --proto udp 1.2.3.4:5 6.7.8.9:10",
        "lookup --json [::1]:5 [::2]:6",
        "stats --json",
        "clean --instance x",
      })
  void shouldReadWhatPicocliReads(String commandLine) throws IllegalAccessException {
    String[] words = commandLine.split(" ");
    String[] rest = commandLine.substring(words[0].length()).strip().split(" ");
    String[] args = words.length == 1 ? new String[0] : rest;
    BaseCommand quick = Commands.create(words[0], null);
    BaseCommand full = Commands.create(words[0], null);
    assertTrue(QuickArguments.fill(quick, args));
    new CommandLine(full).parseArgs(args);
    assertEquals(fields(full), fields(quick));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "show --help",
        "show --first 3",
        "show --instance",
        "show --instance --json",
        "show --instance a --instance b",
        "show --json --json",
        "show --pool a",
        "show -- a",
        "show --instance=a",
        "activate",
        "activate --json",
        "activate --pool a --pool b s1",
        "activate --plain s1",
        "deactivate --flush --flush s1",
        "drain",
        "drain --timeout s1",
        "drain -ws1",
        "create 100 10",
        "explain 1.2.3.4:5",
        "explain --flags ack a b",
        "version --instance x",
        "lookup 1.2.3.4:5",
        "lookup --file x",
        "lookup --proto udp --proto icmp a b",
        "stats a",
        "stats --watch",
        "clean a",
        "clean --force",
      })
  void shouldLeaveTheRestToPicocli(String commandLine) {
    String[] words = commandLine.split(" ");
    String[] args = java.util.Arrays.copyOfRange(words, 1, words.length);
    assertFalse(QuickArguments.fill(Commands.create(words[0], null), args));
  }

  private static Map<String, String> fields(Object command) throws IllegalAccessException {
    Map<String, String> fields = new TreeMap<>();
    for (Class<?> type = command.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        field.setAccessible(true);
        fields.put(type.getSimpleName() + "." + field.getName(), "" + field.get(command));
      }
    }
    return fields;
  }
}
