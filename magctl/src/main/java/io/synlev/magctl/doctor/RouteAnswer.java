package io.synlev.magctl.doctor;

import io.synlev.magctl.doctor.BatchAnswers.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the kernel would do with a packet, as {@code ip route get} says it.
 *
 * @param error why it would not go, in the kernel's words, or null
 * @param type of the route: 1 is one that forwards, 2 this host (linux/rtnetlink.h)
 * @param gateway the next hop, or null if the destination itself is the neighbour
 * @param device it would leave by; null after an error
 * @param table of the route; 254 is the main one
 * @param source the address this host would use, or null
 */
public record RouteAnswer(
    String error, int type, String gateway, String device, long table, String source) {
  private static final int UNICAST = 1;
  private static final int LOCAL = 2;
  private static final long MAIN_TABLE = 254;

  /** Whether a packet would leave. */
  public boolean isForwarded() {
    return error == null && type == UNICAST;
  }

  /** Whether this host itself would take it. */
  public boolean isLocal() {
    return error == null && type == LOCAL;
  }

  /**
   * Asks the kernel.
   *
   * @param questions arguments of {@code ip route get}: {@code 10.0.0.0 mark 1 from 192.0.2.1 iif
   *     eth0}
   * @return an answer to each; none at all if ip(8) does not answer
   */
  public static List<RouteAnswer> ask(Programs programs, List<String> questions) {
    if (questions.isEmpty()) {
      return List.of();
    }
    StringBuilder batch = new StringBuilder();
    questions.forEach(question -> batch.append("route get ").append(question).append('\n'));
    try {
      Programs.Output output =
          programs.run(batch.toString(), "ip", "-N", "-j", "-force", "-batch", "-");
      List<RouteAnswer> answers = new ArrayList<>();
      if (output.exit() >= 0) {
        for (Answer answer : BatchAnswers.parse(questions.size(), output)) {
          answers.add(of(answer));
        }
      }
      return answers;
    } catch (IOException | ClassCastException | NumberFormatException e) {
      return List.of();
    }
  }

  private static RouteAnswer of(Answer answer) {
    if (answer.error() != null || answer.objects().isEmpty()) {
      String error = answer.error() == null ? "no answer" : answer.error();
      return new RouteAnswer(error, 0, null, null, 0, null);
    }
    Map<String, Object> route = answer.objects().getFirst();
    Object via = route.get("via") instanceof Map<?, ?> hop ? hop.get("host") : route.get("gateway");
    return new RouteAnswer(
        null,
        Integer.parseInt(route.getOrDefault("type", "1").toString()),
        via == null ? null : via.toString(),
        (String) route.get("dev"),
        route.get("table") == null ? MAIN_TABLE : Long.parseLong(route.get("table").toString()),
        (String) route.get("prefsrc"));
  }
}
