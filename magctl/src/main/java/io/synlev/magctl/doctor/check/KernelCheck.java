package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.KernelQueue;
import io.synlev.magctl.doctor.Page;

/**
 * Whether the kernel has what the rules and the daemon use. That rules with NFQUEUE and CONNMARK
 * could be installed proves these; here is what can be missing all the same.
 */
final class KernelCheck implements Check {
  @Override
  public String name() {
    return "kernel";
  }

  @Override
  public Page page() {
    return Page.KERNEL;
  }

  @Override
  public void look(Facts facts, Findings findings) {
    Host host = facts.host();
    if (facts.usesQueues() && !KernelQueue.isOffered(host)) {
      findings.failure(
          "the kernel offers no NFQUEUE here",
          "/proc/net/netfilter/nfnetlink_queue is missing",
          "modprobe nfnetlink_queue (CONFIG_NETFILTER_NETLINK_QUEUE)");
    }
    if (facts.usesConntrack() && !host.has("/proc/sys/net/netfilter/nf_conntrack_count")) {
      findings.failure(
          "the kernel has no connection tracking here",
          "established flows get their mark from it",
          "modprobe nf_conntrack (CONFIG_NF_CONNTRACK, CONFIG_NF_CONNTRACK_MARK)");
    }
    if (facts.daemon().hasFragments() || facts.rules().hasFragmentQueues()) {
      tun(host, findings);
    }
    if (facts.usesTc()) {
      jit(host, findings);
    }
    if (findings.isClean()) {
      findings.ok("the kernel has what is used: " + used(facts));
    }
  }

  private static String used(Facts facts) {
    return (facts.usesQueues() ? "NFQUEUE" : "dpdk")
        + (facts.usesConntrack() ? ", conntrack, CONNMARK" : "")
        + (facts.usesTc() ? ", clsact, BPF" : "")
        + (facts.rules().hasFragmentQueues() ? ", tun" : "");
  }

  private static void tun(Host host, Findings findings) {
    if (!host.has("/dev/net/tun")) {
      findings.failure(
          "there is no /dev/net/tun",
          "fragments that came before their datagram's first one come in again by a tun",
          "modprobe tun (CONFIG_TUN)");
    }
  }

  private static void jit(Host host, Findings findings) {
    String setting = "net/core/bpf_jit_enable";
    if (host.has("/proc/sys/" + setting) && host.sysctl(setting) == 0) {
      findings.warning(
          "the kernel interprets BPF programs instead of compiling them",
          "the tc program looks at every packet, and takes several times as long",
          "sysctl -w net.core.bpf_jit_enable=1");
    }
  }
}
