package io.synlev.magctl.doctor;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code ip -j -force -batch -} says to each of its commands: a JSON array on a line, or
 * nothing and, on standard error, a message and the command's number.
 */
final class BatchAnswers {
  private static final Pattern FAILED = Pattern.compile("Command failed .*:(\\d+)");

  /**
   * What was said to a command.
   *
   * @param objects of its array; none if it failed
   * @param error the message if it failed, or null
   */
  record Answer(List<Map<String, Object>> objects, String error) {}

  private BatchAnswers() {}

  /**
   * Takes the output apart.
   *
   * @param commands how many were asked
   * @throws IOException if it is not what ip(8) prints
   */
  static List<Answer> parse(int commands, Programs.Output output) throws IOException {
    Map<Integer, String> failures = failures(output.err());
    List<String> lines = output.out().lines().filter(line -> !line.isBlank()).toList();
    List<Answer> answers = new ArrayList<>();
    int next = 0;
    for (int command = 1; command <= commands; command++) {
      if (failures.containsKey(command)) {
        answers.add(new Answer(List.of(), failures.get(command)));
      } else if (next < lines.size()) {
        answers.add(new Answer(objects(lines.get(next++)), null));
      } else {
        // Some versions print nothing where there is nothing.
        answers.add(new Answer(List.of(), null));
      }
    }
    return answers;
  }

  private static Map<Integer, String> failures(String err) {
    Map<Integer, String> failures = new HashMap<>();
    String message = "";
    for (String line : err.split("\n")) {
      Matcher failed = FAILED.matcher(line);
      if (failed.matches()) {
        failures.put(Integer.valueOf(failed.group(1)), message);
      } else {
        message = line.replace("RTNETLINK answers: ", "");
      }
    }
    return failures;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> objects(String line) throws IOException {
    List<Map<String, Object>> objects = new ArrayList<>();
    for (Object each : JSON.std.listFrom(line)) {
      if (!(each instanceof Map<?, ?>)) {
        throw new IOException("no object: " + each);
      }
      objects.add((Map<String, Object>) each);
    }
    return objects;
  }
}
