package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.StateFacts;

/** Whether the shared state can be read: it is there, whole, and of our layout version. */
final class StateLayoutCheck implements Check {
  @Override
  public String name() {
    return "state";
  }

  @Override
  public Page page() {
    return Page.STATE_TROUBLE;
  }

  @Override
  public void look(Facts facts, Findings findings) {
    StateFacts state = facts.state();
    String instance = state.directory().instance();
    if (state.isReadable()) {
      findings.ok(
          "the state of instance "
              + instance
              + " can be read: "
              + state.contents().pools().size()
              + (state.contents().pools().size() == 1 ? " pool, " : " pools, ")
              + state.contents().services().size()
              + (state.contents().services().size() == 1 ? " service" : " services"));
    } else if (!facts.host().has(state.directory().path() + "/registry")) {
      findings.failure(
          "there is no instance " + instance,
          "nothing of it is in " + state.directory().base(),
          "magctl create, or magctl apply -f FILE; or name another with --instance, --state-dir");
    } else {
      String[] sentence = state.refusal().split(": ", 2);
      findings.failure(
          "the state of instance " + instance + " cannot be used",
          sentence[0],
          sentence.length > 1 ? sentence[1] : "magctl clean, then magctl apply -f FILE");
    }
  }
}
