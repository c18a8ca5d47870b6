package io.synlev.magctl;

import io.synlev.state.Backend;
import java.util.ArrayList;
import java.util.List;

/** Says what a backend command did. */
final class BackendReport {
  private BackendReport() {}

  /**
   * Prints it.
   *
   * @param verb what was done, such as "added"
   */
  static void print(PoolCommand command, StateChange change, String verb, List<Backend> backends) {
    if (command.json) {
      List<Object> objects = new ArrayList<>();
      for (Backend backend : backends) {
        objects.add(
            Json.object(
                "name", backend.name(), "fwmark", Integer.toUnsignedLong(backend.fwmark())));
      }
      command.printJson(
          Json.object(
              "pool",
              command.pool,
              "generation",
              change.after().generation(),
              verb,
              objects,
              "movedSlots",
              change.movedSlots(),
              "slots",
              change.after().table().length));
      return;
    }
    StringBuilder line = new StringBuilder("pool ").append(command.pool);
    line.append(": ").append(verb);
    for (Backend backend : backends) {
      line.append(' ').append(backend.name());
      line.append(" (fwmark ").append(Integer.toUnsignedString(backend.fwmark())).append(')');
    }
    command.println(line.append("; ").append(change.summary()).toString());
  }
}
