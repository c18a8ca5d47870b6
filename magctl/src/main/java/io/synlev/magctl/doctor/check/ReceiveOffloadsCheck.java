package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.Programs;
import java.util.List;

/**
 * Whether network cards merge packets that are to be forwarded. Asked of real devices only, with
 * ethtool(8): virtual ones have none of it.
 */
final class ReceiveOffloadsCheck implements Check {
  @Override
  public String name() {
    return "offloads";
  }

  @Override
  public Page page() {
    return Page.HOST;
  }

  @Override
  public boolean isOf(Facts facts) {
    return !realDevices(facts).isEmpty() || !facts.usesQueues();
  }

  private static List<String> realDevices(Facts facts) {
    return facts.clientDevices().stream()
        .filter(device -> facts.host().has("/sys/class/net/" + device + "/device"))
        .toList();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    for (String device : realDevices(facts)) {
      Programs.Output features = facts.programs().run("", "ethtool", "-k", device);
      if (features.out().contains("\nlarge-receive-offload: on")) {
        findings.warning(
            "LRO is on for " + device,
            "merged packets are longer than the next link takes, and cannot be cut again",
            "ethtool -K " + device + " lro off");
      }
      if (features.out().contains("\nrx-gro-hw: on") && !facts.usesQueues()) {
        findings.note(
            "the card behind " + device + " merges packets (rx-gro-hw)",
            "the DPDK datapath wants packets as they came",
            "ethtool -K " + device + " rx-gro-hw off");
      }
    }
    if (!facts.usesQueues()) {
      findings.note(
          "DPDK's net_af_packet needs GRO, TSO and checksum offload off",
          "the kernel merges packets and leaves checksums to a card that the port does not have",
          "for an interface that such a port uses: ethtool -K IF gro off lro off tso off tx off");
    }
    if (findings.isClean()) {
      findings.ok("no network card merges packets in a way that hurts");
    }
  }
}
