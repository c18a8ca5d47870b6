package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.InstalledRules;
import io.synlev.magctl.doctor.KernelQueue;
import io.synlev.magctl.doctor.Page;
import java.util.Optional;

/** Whether lbd reads the queues to which the rules send packets, and what was lost in them. */
final class QueuesCheck implements Check {
  /** A verdict takes microseconds: more waiting than this means that nobody decides. */
  private static final long MANY_WAITING = 1000;

  @Override
  public String name() {
    return "queues";
  }

  @Override
  public Page page() {
    return Page.QUEUES;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.usesQueues() && facts.rules().isInstalled();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    if (!KernelQueue.isVisible(facts.host())) {
      findings.note(
          "who reads the queues cannot be seen",
          "/proc/net/netfilter/nfnetlink_queue is root's, or missing",
          "run as root");
      return;
    }
    InstalledRules rules = facts.rules();
    for (int queue = Math.max(0, rules.firstQueue()); queue <= rules.lastQueue(); queue++) {
      look(facts, queue, "packets for the VIPs", findings);
    }
    if (rules.hasFragmentQueues()) {
      for (int q = rules.firstFragmentQueue(); q <= rules.lastFragmentQueue(); q++) {
        look(facts, q, "fragments for the VIPs", findings);
      }
    }
    for (int queue : facts.daemon().queues()) {
      if (!isUsed(rules, queue)) {
        findings.note(
            "no rule sends packets to queue " + queue + ", which lbd reads",
            "the rules name other queues",
            "lbrules install --queue ..., as for lbd");
      }
    }
    if (findings.isClean()) {
      findings.ok("lbd reads the queues of the rules, and nothing was lost in them");
    }
  }

  private static boolean isUsed(InstalledRules rules, int queue) {
    return queue >= rules.firstQueue() && queue <= rules.lastQueue()
        || queue >= rules.firstFragmentQueue() && queue <= rules.lastFragmentQueue();
  }

  private static void look(Facts facts, int number, String what, Findings findings) {
    Host host = facts.host();
    Optional<KernelQueue> found = KernelQueue.of(host, number);
    if (found.isEmpty()) {
      findings.failure(
          "nobody reads queue " + number + ", where the rules send " + what,
          "they are dropped"
              + (facts.daemon().answers() ? "; lbd reads " + facts.daemon().queueText() : ""),
          facts.daemon().answers()
              ? "lbrules install --queue as for lbd, or restart lbd --queue " + number
              : "start lbd --queue " + number);
      return;
    }
    KernelQueue queue = found.get();
    if (facts.daemon().answers() && !facts.daemon().portIds().contains(queue.portId())) {
      findings.failure(
          "queue " + number + " is held by " + queue.holder(host) + ", not by our lbd",
          what + " get somebody else's verdicts; lbd reads " + facts.daemon().queueText(),
          "end that process, or choose another queue for lbd and lbrules");
    }
    if (queue.waiting() > MANY_WAITING) {
      findings.failure(
          queue.waiting() + " packets wait in queue " + number,
          "whoever holds it does not decide: stopped, or starved",
          "look at the process: " + queue.holder(host));
    }
    if (queue.queueDropped() + queue.userDropped() > 0) {
      findings.warning(
          "queue " + number + " lost " + (queue.queueDropped() + queue.userDropped()) + " packets",
          queue.queueDropped()
              + " since too many waited, "
              + queue.userDropped()
              + " since the receive buffer was full; of "
              + queue.queued()
              + " since it was bound",
          "lbd --queue-length, --receive-buffer, or more queues (--queue N:M in both)");
    }
  }
}
