package io.synlev.magctl;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.AdminState;
import io.synlev.state.Instance;
import java.time.Instant;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lets backends go in peace. */
@Command(
    name = "drain",
    description = {
      "Let backends take no new flows, and make each inactive when its established flows have"
          + " ended or the time is up. All of them are drained, or none.",
      "lbd does the rest: the command returns at once, unless it shall --watch."
    },
    footer = {
      "",
      "Examples:",
      "  magctl drain s1                       begins, and returns at once",
      "  magctl drain s1 --watch && ssh s1 reboot",
      "  magctl drain s1 --timeout 1h          again: another time",
      "  magctl activate s1                    calls it off",
      "  magctl deactivate --flush s1          ends what is left, now"
    })
final class DrainCommand extends StateCommand {
  private static final String USUAL_TIMEOUT = "5m";
  private static final long MILLIS_PER_SECOND = 1_000;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "The longest that it may take: 90s, 5m, 1h30m, ... (5m)")
  private String timeout;

  @Option(
      names = {"-w", "--watch"},
      description = {
        "Show how many flows are left until it is over. Exit code 1 if some were left.",
        "Ctrl-C ends only the watching."
      })
  private boolean watch;

  DrainCommand(Context context) {
    super(context);
  }

  @Override
  boolean setFlag(String option) {
    if ((option.equals("--watch") || option.equals("-w")) && !watch) {
      watch = true;
      return true;
    }
    return super.setFlag(option);
  }

  @Override
  boolean setValue(String option, String value) {
    if (option.equals("--timeout") && timeout == null) {
      timeout = value;
      return true;
    }
    return super.setValue(option, value);
  }

  @Override
  int call() {
    long seconds = DrainTime.seconds("--timeout", timeout == null ? USUAL_TIMEOUT : timeout);
    long until =
        Math.ceilDiv(System.currentTimeMillis(), MILLIS_PER_SECOND) + seconds; // never too early
    try (Instance instance = open()) {
      Outcome outcome = change(instance, backend -> backend.drainingUntil(until));
      Ender ender = Ender.ask(instance);
      report(
          AdminState.DRAINING,
          outcome,
          ", for " + DrainTime.text(seconds) + " at most",
          "until",
          Instant.ofEpochSecond(until).toString(),
          "daemon",
          ender.pid == 0 ? null : ender.pid,
          "carrier",
          ender.carrier);
      if (!json) {
        println(ender.text());
      }
      if (ender.problem != null) {
        console()
            .error(
                "the drain has begun, but lbd with pid "
                    + ender.pid
                    + " does not say that it will end it: "
                    + ender.problem);
        return Magctl.FAILED;
      }
      return watch
          ? new DrainWatch(console(), instance, pool, outcome.names(), until, json).run()
          : Magctl.DONE;
    }
  }

  /** Who will end the drain: pid 0 for nobody who runs yet. */
  private record Ender(long pid, String carrier, String problem) {

    static Ender ask(Instance instance) {
      long pid = instance.daemon().isAlive() ? instance.daemon().pid() : 0;
      if (pid == 0) {
        return new Ender(0, null, null);
      }
      try {
        Map<?, ?> answer =
            (Map<?, ?>) ControlClient.ask(instance.directory(), "drain.status", Map.of());
        return new Ender(pid, String.valueOf(answer.get("carrier")), null);
      } catch (ControlException e) {
        return new Ender(pid, null, e.getMessage());
      }
    }

    String text() {
      if (pid == 0) {
        return "note: no lbd serves the instance: the next one counts flows and ends the drain";
      }
      if (carrier == null) {
        return "note: 'magctl show' tells whether it has ended";
      }
      return carrier.equals("none")
          ? "note: nobody carries flows here (lbd --offload none): established ones move, too"
          : "lbd (pid " + pid + ") makes it inactive when no flow is left (" + carrier + ")";
    }
  }
}
