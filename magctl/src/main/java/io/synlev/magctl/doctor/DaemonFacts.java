package io.synlev.magctl.doctor;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.StateDirectory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the running daemon says of itself.
 *
 * @param refusal why it says nothing, or null; then what follows is empty
 * @param pid its process
 * @param datapath nfqueue or dpdk
 * @param offload who carries known flows: conntrack, tc or none
 * @param hasFragments whether it has fragment queues
 * @param state what it thinks of its state directory: present, deleted or replaced
 * @param generation of the configuration that its workers use
 * @param queues numbers of the queues it has bound
 * @param portIds netlink port ids of their sockets
 */
public record DaemonFacts(
    String refusal,
    long pid,
    String datapath,
    String offload,
    boolean hasFragments,
    String state,
    long generation,
    List<Integer> queues,
    List<Long> portIds) {

  /** As long as a person is willing to wait for a daemon that hangs. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** There is none to ask. */
  public static final DaemonFacts NONE = refused("no lbd runs");

  private static DaemonFacts refused(String why) {
    return new DaemonFacts(why, 0, "", "", false, "", 0, List.of(), List.of());
  }

  /** Asks. */
  static DaemonFacts ask(StateDirectory directory) {
    try (ControlClient client = ControlClient.connect(directory, TIMEOUT)) {
      return of((Map<?, ?>) client.call("status", Map.of()));
    } catch (ControlException e) {
      return refused(e.getMessage());
    } catch (ClassCastException | NullPointerException e) {
      return refused("lbd's answer is not understood: is it of another version?");
    }
  }

  static DaemonFacts of(Map<?, ?> status) {
    List<Integer> queues = new ArrayList<>();
    List<Long> portIds = new ArrayList<>();
    for (Object each : (List<?>) status.get("queues")) {
      Map<?, ?> queue = (Map<?, ?>) each;
      queues.add(((Number) queue.get("queue")).intValue());
      portIds.add(((Number) queue.get("portId")).longValue());
    }
    return new DaemonFacts(
        null,
        ((Number) status.get("pid")).longValue(),
        (String) status.get("datapath"),
        (String) status.get("offload"),
        status.get("fragments") != null,
        (String) status.get("state"),
        ((Number) status.get("viewGeneration")).longValue(),
        List.copyOf(queues),
        List.copyOf(portIds));
  }

  /** Whether it has answered. */
  public boolean answers() {
    return refusal == null;
  }

  /** Its queues for people: {@code queue 2} or {@code queues 2, 3}. */
  public String queueText() {
    return (queues.size() == 1 ? "queue " : "queues ")
        + String.join(", ", queues.stream().map(String::valueOf).toList());
  }
}
