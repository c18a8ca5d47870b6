package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.DaemonFacts;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.StateFacts;

/** Whether lbd serves the instance, answers, and uses the configuration in force. */
final class DaemonCheck implements Check {
  @Override
  public String name() {
    return "daemon";
  }

  @Override
  public Page page() {
    return Page.DAEMON;
  }

  @Override
  public boolean isOf(Facts facts) {
    return facts.state().isReadable();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    StateFacts state = facts.state();
    DaemonFacts daemon = facts.daemon();
    String start = "start lbd --instance " + state.directory().instance();
    if (!state.isReadable()) {
      findings.note("who serves the instance cannot be seen", "its state cannot be read", "");
    } else if (state.daemon().pid() == 0) {
      findings.failure(
          "no lbd serves the instance", "nobody decides about packets for the VIPs", start);
    } else if (!state.isServed()) {
      findings.failure(
          "lbd is dead: process " + state.daemon().pid() + " has gone without a word",
          "it was killed, or it crashed; nobody decides about packets for the VIPs",
          start + ", which takes over; its log, or dmesg (out of memory?), may say why");
    } else if (!daemon.answers()) {
      findings.failure(
          "lbd (pid " + state.daemon().pid() + ") does not answer",
          daemon.refusal(),
          "kill -CONT " + state.daemon().pid() + " if it is stopped; otherwise restart it");
    } else if (!daemon.state().equals("present")) {
      findings.failure(
          "the state directory was " + daemon.state() + " under lbd",
          "lbd serves what it had before, and sees no change any more",
          "stop lbd with SIGTERM and start it again");
    } else if (daemon.generation() < state.generation()) {
      findings.warning(
          "lbd uses configuration "
              + daemon.generation()
              + ", and "
              + state.generation()
              + " is in force",
          "a pool could not be attached (its log says which), or the change was just made",
          "look again; if it stays, restart lbd");
    } else {
      findings.ok("lbd (pid " + daemon.pid() + ") serves configuration " + daemon.generation());
    }
  }
}
