package io.synlev.magctl.doctor;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What lbrules says of the rules of the instance.
 *
 * @param refusal why it says nothing, or null
 * @param isInstalled whether there are rules of the instance; what follows has a meaning then
 * @param mode all, syn or tc
 * @param returns direct, routed or dnat
 * @param firstQueue where packets are sent, to {@code lastQueue}
 * @param firstFragmentQueue where fragments are sent, -1 for nowhere
 * @param tun where fragments come in again
 * @param tableOffset a backend's routing table is this and its fwmark
 * @param interfaces where clients' packets come in; empty for anywhere
 * @param troubles what it found
 */
public record InstalledRules(
    String refusal,
    boolean isInstalled,
    String mode,
    String returns,
    int firstQueue,
    int lastQueue,
    int firstFragmentQueue,
    int lastFragmentQueue,
    String tun,
    long tableOffset,
    List<String> interfaces,
    List<Trouble> troubles) {

  /** Areas of lbrules that no check of ours looks at. */
  private static final String AREAS = "records,rules,fragments,tc,marks";

  /**
   * A finding of lbrules.
   *
   * @param isProblem otherwise it is a note
   * @param area what it is about
   */
  public record Trouble(boolean isProblem, String area, String what, String why, String fix) {}

  /**
   * Begins to ask.
   *
   * @param program lbrules
   * @param plain what {@code magctl show --plain} prints; empty if that is not known
   */
  static Supplier<InstalledRules> begin(
      Programs programs, String program, String instance, String plain) {
    List<String> command = new ArrayList<>(List.of(program, "check", "--json"));
    command.addAll(List.of("--instance", instance, "--only", AREAS));
    if (!plain.isEmpty()) {
      command.addAll(List.of("--from", "-"));
    }
    Supplier<Programs.Output> running = programs.start(plain, command);
    return () -> {
      Programs.Output output = running.get();
      try {
        return output.exit() == 0 || output.exit() == 1
            ? parse(output.out())
            : refused(program + ": " + output.err());
      } catch (IOException | ClassCastException | NullPointerException e) {
        return refused(program + " answers what is not understood: " + output.err());
      }
    };
  }

  private static InstalledRules refused(String why) {
    return new InstalledRules(why, false, "", "", -1, -1, -1, -1, "", 0, List.of(), List.of());
  }

  static InstalledRules parse(String json) throws IOException {
    Map<String, Object> answer = JSON.std.mapFrom(json);
    List<Trouble> troubles = new ArrayList<>();
    for (Object each : (List<?>) answer.get("findings")) {
      Map<?, ?> trouble = (Map<?, ?>) each;
      troubles.add(
          new Trouble(
              trouble.get("level").equals("problem"),
              (String) trouble.get("area"),
              (String) trouble.get("what"),
              (String) trouble.get("why"),
              (String) trouble.get("fix")));
    }
    if (!(answer.get("settings") instanceof Map<?, ?> settings)) {
      return new InstalledRules(null, false, "", "", -1, -1, -1, -1, "", 0, List.of(), troubles);
    }
    int[] queues = range((String) settings.get("queue"));
    int[] fragments = range((String) settings.get("fragments"));
    return new InstalledRules(
        null,
        true,
        (String) settings.get("mode"),
        (String) settings.get("return"),
        queues[0],
        queues[1],
        fragments[0],
        fragments[1],
        (String) settings.get("tun"),
        ((Number) settings.get("table_offset")).longValue(),
        ((List<?>) settings.get("interfaces")).stream().map(String.class::cast).toList(),
        troubles);
  }

  private static int[] range(String text) {
    if (text.equals("-")) {
      return new int[] {-1, -1};
    }
    String[] ends = text.split(":");
    return new int[] {Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])};
  }

  /** Whether this is how answers travel. */
  public boolean returns(String how) {
    return returns.equals(how);
  }

  /** Whether conntrack takes part. */
  public boolean needsConntrack() {
    return mode.equals("syn") || returns.equals("dnat");
  }

  /** Whether fragments have queues of their own. */
  public boolean hasFragmentQueues() {
    return firstFragmentQueue >= 0;
  }
}
