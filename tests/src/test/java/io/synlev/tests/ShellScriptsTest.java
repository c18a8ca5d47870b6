package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.synlev.tests.support.Commands;
import io.synlev.tests.support.Commands.Result;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.Tap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every shell script is clean to ShellCheck, and every bats test is a test here. */
class ShellScriptsTest {
  private static final Set<String> NOT_OURS = Set.of(".git", "target");

  @TestFactory
  Stream<DynamicTest> shellcheckShouldFindNothing() {
    List<Path> scripts = files().filter(ShellScriptsTest::isShell).toList();
    assertFalse(scripts.isEmpty());
    return scripts.stream()
        .map(script -> dynamicTest(relative(script), script.toUri(), () -> shellcheck(script)));
  }

  private static void shellcheck(Path script) {
    Result result =
        Commands.run(
            List.of(
                "shellcheck", "--external-sources", "--source-path=SCRIPTDIR", script.toString()));
    assertEquals(0, result.exit(), result::toString);
  }

  /** The bats tests make namespaces and rules, of their own in each file: files may run at once. */
  @ExtendWith(Requirements.class)
  static class BatsTest {
    private static final int AT_ONCE = 3;

    @TestFactory
    Stream<DynamicContainer> batsShouldPass() {
      List<Path> files = files().filter(file -> file.toString().endsWith(".bats")).toList();
      assertFalse(files.isEmpty());
      ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE);
      Map<Path, Future<Result>> results = new LinkedHashMap<>();
      for (Path file : files) {
        results.put(
            file, executor.submit(() -> Commands.run(List.of("bats", "--tap", file.toString()))));
      }
      executor.shutdown();
      return files.stream()
          .map(file -> dynamicContainer(relative(file), file.toUri(), testsOf(results.get(file))));
    }

    private static Result bats(Path file) {
      try (RunningCommand bats =
          Commands.start(List.of("bats", "--tap", file.toString()), Map.of())) {
        return bats.waitFor(10, TimeUnit.MINUTES);
      }
    }

    private static Stream<DynamicTest> testsOf(Future<Result> future) {
      Result result;
      try {
        result = future.get();
      } catch (InterruptedException | ExecutionException e) {
        return Stream.of(dynamicTest("ends", () -> fail(e)));
      }
      List<Tap> lines = Tap.parse(result.out());
      if (lines.isEmpty()) {
        return Stream.of(dynamicTest("starts", () -> fail(result.toString())));
      }
      return lines.stream().map(line -> dynamicTest(line.name(), () -> report(line)));
    }

    private static void report(Tap line) {
      switch (line.outcome()) {
        case OK -> {}
        case SKIPPED -> abort(line.detail());
        case FAILED -> fail(line.detail());
      }
    }
  }

  private static Stream<Path> files() {
    return below(Requirements.home()).sorted();
  }

  private static Stream<Path> below(Path path) {
    if (!Files.isDirectory(path) || NOT_OURS.contains(name(path))) {
      return Files.isRegularFile(path) ? Stream.of(path) : Stream.empty();
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.toList().stream().flatMap(ShellScriptsTest::below);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isShell(Path file) {
    String name = name(file);
    if (name.endsWith(".sh") || name.endsWith(".bats") || name.endsWith(".bash")) {
      return true;
    }
    try (var in = Files.newInputStream(file)) {
      String start = new String(in.readNBytes(64), StandardCharsets.ISO_8859_1);
      return start.startsWith("#!")
          && start.lines().findFirst().orElse("").matches(".*\\b(ba|da)?sh( .*)?");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private static String relative(Path path) {
    return Requirements.home().relativize(path).toString();
  }
}
