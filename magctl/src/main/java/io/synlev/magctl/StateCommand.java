package io.synlev.magctl;

import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Health;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Parameters;

/** What activate and deactivate share: setting the state of backends, all or none. */
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

  final int setState(AdminState state) {
    List<String> changed = new ArrayList<>();
    List<String> unchanged = new ArrayList<>();
    try (Instance instance = open();
        Progress _ = Progress.on(console(), "building the table")) {
      StateChange change =
          StateChange.apply(
              instance,
              pool,
              backends -> {
                Set<String> names = BackendReferences.names(backends, pool, words);
                List<Backend> after = new ArrayList<>(backends.size());
                for (Backend backend : backends) {
                  boolean meant = names.contains(backend.name());
                  if (meant) {
                    (backend.state() == state ? unchanged : changed).add(backend.name());
                  }
                  after.add(meant ? backend.with(state) : backend);
                }
                return after;
              });
      report(state, change, changed, unchanged);
    }
    return Magctl.DONE;
  }

  private void report(
      AdminState state, StateChange change, List<String> changed, List<String> unchanged) {
    if (json) {
      printJson(
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
              change.after().table().length));
      return;
    }
    StringBuilder line = new StringBuilder("pool ").append(pool).append(": ");
    if (!changed.isEmpty()) {
      line.append(String.join(" ", changed)).append(changed.size() == 1 ? " is " : " are ");
      line.append(state.label()).append("; ");
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
