package io.synlev.tests.support;

import io.synlev.bpf.TcOffload;
import io.synlev.bpf.TcOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets a test run only where the tc program can be loaded. As {@link Requirements}, beside which it
 * stands.
 */
public final class TcRequirements implements ExecutionCondition {
  private static Optional<String> missing;

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<String> reason = missing();
    if (reason.isEmpty()) {
      return ConditionEvaluationResult.enabled("the tc program can be loaded");
    }
    if ("true".equals(System.getenv("CI"))) {
      throw new IllegalStateException("cannot run, and CI=true: " + reason.get());
    }
    return ConditionEvaluationResult.disabled(reason.get());
  }

  private static synchronized Optional<String> missing() {
    if (missing == null) {
      missing = Optional.ofNullable(probe());
    }
    return missing;
  }

  private static String probe() {
    try {
      Path run = Files.createTempDirectory("synlev-test-");
      TcOptions options = TcOptions.of("probe", 0xffff).withRun(run).withFlows(64, 64);
      try {
        TcOffload.open(options, _ -> {}).close(false);
        return null;
      } finally {
        TcOffload.remove(options);
        Files.deleteIfExists(run);
      }
    } catch (IOException e) {
      return "needs BPF: " + e.getMessage();
    }
  }
}
