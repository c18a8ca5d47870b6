package io.synlev.magctl;

import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Health;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Parameters;

/** What activate, deactivate and drain share: setting the state of backends, all or none. */
abstract class StateCommand extends PoolCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "BACKEND",
      description = "Names or fwmarks (decimal or 0x hex).")
  private List<String> words;

  StateCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> given) {
    words = given;
    return !given.isEmpty();
  }

  /**
   * What came of a change.
   *
   * @param changed the backends that are another way now
   * @param unchanged those that were so before
   */
  record Outcome(StateChange change, List<String> changed, List<String> unchanged) {

    /** All that were meant. */
    List<String> names() {
      List<String> names = new ArrayList<>(changed);
      names.addAll(unchanged);
      return names;
    }
  }

  /** Changes the backends that are named. */
  final Outcome change(Instance instance, UnaryOperator<Backend> change) {
    List<String> changed = new ArrayList<>();
    List<String> unchanged = new ArrayList<>();
    try (Progress _ = Progress.on(console(), "building the table")) {
      StateChange made =
          StateChange.apply(
              instance,
              pool,
              backends -> {
                Set<String> names = BackendReferences.names(backends, pool, words);
                List<Backend> after = new ArrayList<>(backends.size());
                for (Backend backend : backends) {
                  boolean meant = names.contains(backend.name());
                  Backend now = meant ? change.apply(backend) : backend;
                  if (meant) {
                    (now.equals(backend) ? unchanged : changed).add(backend.name());
                  }
                  after.add(now);
                }
                return after;
              });
      return new Outcome(made, changed, unchanged);
    }
  }

  /**
   * Prints a change.
   *
   * @param state what the backends are now
   * @param more what stands behind it, for people
   * @param members more of the JSON object: name, value, name, value...
   */
  final void report(AdminState state, Outcome outcome, String more, Object... members) {
    List<String> changed = outcome.changed;
    List<String> unchanged = outcome.unchanged;
    StateChange change = outcome.change;
    if (json) {
      Map<String, Object> object =
          Json.object(
              "pool",
              pool,
              "generation",
              change.after().generation(),
              "state",
              state.label(),
              "changed",
              changed,
              "unchanged",
              unchanged,
              "movedSlots",
              change.movedSlots(),
              "slots",
              change.after().table().length);
      object.putAll(Json.object(members));
      printJson(object);
      return;
    }
    StringBuilder line = new StringBuilder("pool ").append(pool).append(": ");
    if (!changed.isEmpty()) {
      line.append(String.join(" ", changed)).append(changed.size() == 1 ? " is " : " are ");
      line.append(state.label()).append(more).append("; ");
    }
    if (!unchanged.isEmpty()) {
      line.append(String.join(" ", unchanged)).append(unchanged.size() == 1 ? " was " : " were ");
      line.append(state.label()).append(" before; ");
    }
    println(line.append(change.summary()).toString());
    if (state == AdminState.ACTIVE) {
      warnOfIdle(change.after(), changed);
    }
  }

  /** An active backend may get no flows all the same. */
  private void warnOfIdle(PoolSnapshot snapshot, List<String> names) {
    for (Backend backend : snapshot.backends()) {
      if (names.contains(backend.name()) && !backend.takesNewFlows()) {
        println(
            "note: "
                + backend.name()
                + (backend.health() == Health.DOWN ? " is down" : " has weight 0")
                + " and gets no flows until that changes");
      }
    }
  }
}
