package io.synlev.tests.support;

import io.synlev.tests.support.Commands.Result;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets a system test run only where it can: as root on a kernel with NFQUEUE. Elsewhere it is
 * skipped and says why; under CI=true it fails, for a test that never runs proves nothing.
 */
public final class Requirements implements ExecutionCondition {
  private static Optional<String> missing;

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<String> reason = missing();
    if (reason.isEmpty()) {
      return ConditionEvaluationResult.enabled("root, and a kernel with NFQUEUE");
    }
    if ("true".equals(System.getenv("CI"))) {
      throw new IllegalStateException("cannot run, and CI=true: " + reason.get());
    }
    return ConditionEvaluationResult.disabled(reason.get());
  }

  /** The root of the repository. */
  public static Path home() {
    return Path.of(System.getenv("SYNLEV_HOME"));
  }

  private static synchronized Optional<String> missing() {
    if (missing == null) {
      missing = Optional.ofNullable(probe());
    }
    return missing;
  }

  /** Makes a rule in a network namespace that ends with the probe: only a try is a proof. */
  private static String probe() {
    if (System.getenv("SYNLEV_HOME") == null) {
      return "SYNLEV_HOME is not set to the root of the repository: start it through Maven";
    }
    Result probe =
        Commands.run(
            List.of(
                ("unshare --net iptables -t mangle -A PREROUTING -j NFQUEUE --queue-num 2")
                    .split(" ")));
    if (probe.exit() != 0) {
      return "needs root, iptables and a kernel with NFQUEUE: " + probe.err().strip();
    }
    Result make =
        Commands.run(List.of("make", "-s", "-C", home().resolve("tests/peers").toString()));
    return make.exit() == 0 ? null : "cannot build tests/peers: " + make.err().strip();
  }
}
