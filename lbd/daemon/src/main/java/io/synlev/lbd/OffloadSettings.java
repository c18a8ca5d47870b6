package io.synlev.lbd;

import io.synlev.bpf.TcMode;
import io.synlev.datapath.FlowTimeouts;
import java.nio.file.Path;
import java.util.List;

/**
 * Who carries established flows, and how.
 *
 * @param how who it is
 * @param interfaces with tc, those where packets from clients arrive, at least one; otherwise none
 * @param mode what the tc program does with packets of known flows
 * @param flows with tc, how many flows of each family there is room for
 * @param insertions with tc, the most flows that each worker makes known in a second; 0 for any
 * @param timeouts with tc, how long idle flows are known
 * @param run where what ends with the machine is kept
 */
record OffloadSettings(
    Offload how,
    List<String> interfaces,
    TcMode mode,
    int flows,
    int insertions,
    FlowTimeouts timeouts,
    Path run) {

  /**
   * Checks what belongs together.
   *
   * @throws IllegalArgumentException if interfaces are named without tc, or tc without interfaces
   */
  OffloadSettings {
    if (how == Offload.TC && interfaces.isEmpty()) {
      throw new IllegalArgumentException(
          "--offload tc needs --offload-interface: where packets from clients arrive");
    }
    if (how != Offload.TC && !interfaces.isEmpty()) {
      throw new IllegalArgumentException(
          "--offload-interface %s is for --offload tc, not %s"
              .formatted(String.join(",", interfaces), how.word()));
    }
  }
}
