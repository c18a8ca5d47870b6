package io.synlev.magctl;

import io.synlev.state.Configuration;
import io.synlev.state.HealthCheck;
import io.synlev.state.Instance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Has a pool checked. */
@Command(
    name = "set",
    description = {
      "Have the backends of a pool checked, or checked otherwise; what is not said stays as it is.",
      "Examples:",
      "  magctl health set tcp --port 80",
      "  magctl health set http --path /up --interval 1s",
      "  magctl health set --timeout 300ms"
    })
final class HealthSetCommand extends PoolCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "KIND",
      completionCandidates = Words.Checks.class,
      description = "tcp, http, https, udp, icmp or command.")
  private String kind;

  @Mixin private HealthFields fields = new HealthFields();

  HealthSetCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    if (kind == null && fields.isEmpty()) {
      throw new UsageException("nothing to change: say what, such as tcp --port 80");
    }
    try (Instance instance = open()) {
      requirePool(instance, pool);
      Configuration after = instance.updateHealthCheck(pool, was -> fields.applyTo(kind, was));
      Confirmation confirmation = Confirmation.ask(instance);
      HealthCheck check = after.check(pool).orElseThrow();
      if (json) {
        printJson(
            Json.object("pool", pool, "check", check.fields(), "daemon", confirmation.json()));
      } else {
        println("pool " + pool + " is checked: " + HealthText.of(check));
        console().print(confirmation.text());
      }
      return confirmation.exitCode(console());
    }
  }
}
