package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Host;
import java.util.Optional;

/** Identity and rights of processes, from /proc/PID/status; proc(5). */
final class Caller {
  /** include/uapi/linux/capability.h. */
  static final int CAP_NET_ADMIN = 12;

  static final int CAP_NET_RAW = 13;
  static final int CAP_SYS_ADMIN = 21;
  static final int CAP_BPF = 39;

  /** Who we are. */
  static final String SELF = "self";

  private Caller() {}

  /** Our effective user id, -1 if it cannot be read. */
  static int uid(Host host) {
    Optional<String> ids = host.field("/proc/" + SELF + "/status", "Uid");
    return ids.isEmpty() ? -1 : Integer.parseInt(ids.get().split("\\s+")[1]);
  }

  /** Whether a process has a capability now; true if that cannot be seen. */
  static boolean hasCapability(Host host, String pid, int capability) {
    return host.field("/proc/" + pid + "/status", "CapEff")
        .map(set -> (Long.parseUnsignedLong(set, 16) >>> capability & 1) != 0)
        .orElse(true);
  }
}
