package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Page;
import java.util.Locale;

/**
 * Whether systemd-logind will delete the state when its owner logs out: RemoveIPC of
 * logind.conf(5), on unless switched off, takes what ordinary users have in /dev/shm.
 */
final class RemoveIpcCheck implements Check {
  /** The last id of system users, which are spared: SYS_UID_MAX of login.defs(5). */
  private static final int LAST_SYSTEM_UID = 999;

  @Override
  public String name() {
    return "remove-ipc";
  }

  @Override
  public Page page() {
    return Page.MEMORY;
  }

  @Override
  public boolean isOf(Facts facts) {
    return owner(facts) > LAST_SYSTEM_UID;
  }

  private static int owner(Facts facts) {
    return facts
        .host()
        .state(facts.state().directory().path().toString())
        .map(Host.FileState::uid)
        .orElse(0);
  }

  @Override
  public void look(Facts facts, Findings findings) {
    Host host = facts.host();
    boolean inDevShm = facts.state().directory().base().startsWith("/dev/shm");
    boolean isOrdinary = owner(facts) > LAST_SYSTEM_UID;
    if (inDevShm && isOrdinary && host.has("/run/systemd/seats") && removes(host)) {
      findings.warning(
          "logind deletes the state when uid " + owner(facts) + " logs out",
          "RemoveIPC is on, and the owner of the state in /dev/shm is an ordinary user",
          "RemoveIPC=no in /etc/systemd/logind.conf, a system user as owner, or a state directory"
              + " below /run");
    } else {
      findings.ok("nobody deletes the state at a logout");
    }
  }

  private static boolean removes(Host host) {
    boolean removes = setting(host, "/etc/systemd/logind.conf", true);
    for (String name : host.names("/etc/systemd/logind.conf.d")) {
      removes = setting(host, "/etc/systemd/logind.conf.d/" + name, removes);
    }
    return removes;
  }

  private static boolean setting(Host host, String file, boolean before) {
    boolean removes = before;
    for (String line : host.lines(file)) {
      String text = line.strip().toLowerCase(Locale.ROOT);
      if (text.startsWith("removeipc=")) {
        String value = text.substring("removeipc=".length());
        removes =
            !(value.equals("no")
                || value.equals("false")
                || value.equals("0")
                || value.equals("off"));
      }
    }
    return removes;
  }
}
