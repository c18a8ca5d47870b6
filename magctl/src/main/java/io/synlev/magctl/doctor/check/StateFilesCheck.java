package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Page;
import io.synlev.state.StateDirectory;
import java.util.Optional;

/** Who owns the state directory and its files, and who else may use them. */
final class StateFilesCheck implements Check {
  private static final int DIRECTORY_MODE = 0750;
  private static final int FILE_MODE = 0600;

  @Override
  public String name() {
    return "state-files";
  }

  @Override
  public Page page() {
    return Page.STATE_FILES;
  }

  @Override
  public void look(Facts facts, Findings findings) {
    StateDirectory directory = facts.state().directory();
    String base = directory.base().toString();
    String own = directory.path().toString();
    directory(facts.host(), base, findings);
    directory(facts.host(), own, findings);
    for (String name : facts.host().names(own)) {
      if (name.equals("registry") || name.equals("lock") || name.startsWith("pool-")) {
        mode(facts.host(), own + "/" + name, FILE_MODE, findings);
      }
    }
    if (findings.isClean()) {
      findings.ok(own + " is its owner's alone");
    }
  }

  private static void directory(Host host, String path, Findings findings) {
    Optional<Host.FileState> state = host.state(path);
    if (state.isPresent() && state.get().isSymbolicLink()) {
      findings.failure(
          path + " is a symbolic link",
          "whoever made it says where the state lives, so lbd and magctl refuse it",
          "remove it, and name the real place with --state-dir");
      return;
    }
    mode(host, path, DIRECTORY_MODE, findings);
  }

  private static void mode(Host host, String path, int allowed, Findings findings) {
    Optional<Host.FileState> state = host.state(path);
    if (state.isEmpty()) {
      return;
    }
    int mode = state.get().permissions();
    int self = Caller.uid(host);
    if ((mode & ~allowed) != 0) {
      findings.failure(
          path + " has mode " + octal(mode) + ", which lets others in",
          "lbd and magctl refuse what others could have written",
          "chmod " + octal(allowed) + " " + path + ", if nobody else has written there");
    } else if (state.get().uid() != self) {
      findings.failure(
          path + " belongs to uid " + state.get().uid() + ", and we are uid " + self,
          "only its owner may use the state",
          "run as its owner, or ask through the control socket as a member of its group");
    }
  }

  private static String octal(int mode) {
    return "0" + Integer.toOctalString(mode);
  }
}
