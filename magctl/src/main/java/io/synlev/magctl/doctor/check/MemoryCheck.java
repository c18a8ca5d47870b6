package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Page;
import java.util.Optional;
import java.util.OptionalLong;

/** Where the state lives: in memory, with room for one more pool, and made since the boot. */
final class MemoryCheck implements Check {
  /** About a pool of 65537 slots with room for 256 backends, made anew beside the old one. */
  private static final long LITTLE_ROOM = 1 << 20;

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public Page page() {
    return Page.MEMORY;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.host().has(facts.state().directory().path().toString());
  }

  @Override
  public void look(Facts facts, Findings findings) {
    String path = facts.state().directory().path().toString();
    OptionalLong free = facts.host().freeBytes(path);
    if (free.isPresent() && free.getAsLong() < LITTLE_ROOM) {
      findings.warning(
          "only " + free.getAsLong() / 1024 + " KiB are free where the state is",
          "pools that are created or replaced need room in " + path,
          "make room there, or: mount -o remount,size=50% /dev/shm");
    }
    Optional<String> type = facts.host().fileSystem(path);
    if (type.isPresent() && !type.get().equals("tmpfs") && !type.get().equals("hugetlbfs")) {
      findings.note(
          "the state is on " + type.get() + ", not in memory",
          "it is written to a disk again and again, and is still there after a reboot",
          "a directory below /dev/shm or /run");
    }
    age(facts.host(), path, findings);
    if (findings.isClean()) {
      findings.ok("the state is in memory, with room for more");
    }
  }

  /** Files that are older than the boot tell of processes and queues that are gone. */
  private static void age(Host host, String path, Findings findings) {
    Optional<String> boot =
        host.lines("/proc/stat").stream().filter(line -> line.startsWith("btime ")).findFirst();
    Optional<Host.FileState> registry = host.state(path + "/registry");
    if (boot.isPresent()
        && registry.isPresent()
        && registry.get().modifiedSeconds() < Long.parseLong(boot.get().substring(6).strip())) {
      findings.warning(
          "the state is older than the boot of this machine",
          "what it says of the daemon and of counters is of a time before",
          "magctl clean, then magctl apply -f FILE");
    }
  }
}
