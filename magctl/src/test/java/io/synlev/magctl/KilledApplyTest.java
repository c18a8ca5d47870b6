package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * apply killed before each system call that changes a file. strace (1) does it: such a call gets
 * SIGKILL instead. Between two of these calls only memory changes, of which readers see one store.
 */
class KilledApplyTest extends Sandbox {
  /** All that apply uses; strace counts each on its own. */
  private static final List<String> CALLS = List.of("unlink", "rename", "ftruncate", "pwrite64");

  /** A change has about 30 such calls; one that has more does something that nobody meant. */
  private static final int MOST = 60;

  private static final String OLD =
      """
      version: 1
      pools:
        web:
          slots: 97
          backends: {a: {fwmark: 1}, b: {fwmark: 2}}
        db:
          slots: 97
          backends: {x: {fwmark: 11}}
        gone:
          slots: 97
      services:
        web: {pool: web, vips: 203.0.113.7}
        gone: {pool: web, vips: 203.0.113.9}
      """;
  private static final String NEW =
      """
      version: 1
      pools:
        web:
          slots: 97
          backends: {a: {fwmark: 1, weight: 5}, c: {fwmark: 2}}
        db:
          slots: 101
          backends: {x: {fwmark: 11}}
        new:
          slots: 97
          backends: {y: {fwmark: 21}}
      services:
        web: {pool: new, vips: 203.0.113.7}
        db: {pool: db, vips: 203.0.113.8}
      """;

  private static final String LAST =
      """
      version: 1
      pools:
        web:
          slots: 97
          backends: {a: {fwmark: 1}}
        db:
          slots: 97
          backends: {x: {fwmark: 12}}
      """;

  private Path old;
  private Path last;
  private Path wanted;

  @BeforeEach
  void needStrace() throws IOException, InterruptedException {
    old = Files.writeString(temp.resolve("old.yaml"), OLD);
    last = Files.writeString(temp.resolve("last.yaml"), LAST);
    wanted = Files.writeString(temp.resolve("new.yaml"), NEW);
    assumeTrue(canTrace(), "needs strace and the right to trace");
  }

  private static boolean canTrace() throws InterruptedException {
    try {
      return new ProcessBuilder("strace", "-o", "/dev/null", "true").start().waitFor() == 0;
    } catch (IOException none) {
      return false;
    }
  }

  /** Runs apply and has its n-th such call killed; false if there were fewer. */
  private boolean isKilled(String call, int n) throws IOException, InterruptedException {
    ProcessBuilder apply = Child.of(base(), "apply -f " + wanted);
    List<String> command = new ArrayList<>();
    command.addAll(List.of("strace", "-f", "-qq", "-o", temp.resolve("trace").toString()));
    command.addAll(
        List.of("-e", "trace=" + call, "-e", "inject=" + call + ":signal=KILL:when=" + n));
    command.addAll(apply.command());
    Run run = Child.await(apply.command(command).start());
    assertTrue(run.code() == 0 || run.code() == 128 + 9, run::toString);
    return run.code() != 0;
  }

  @Test
  void shouldLeaveTheOldOrTheNewWhereverItIsKilled() throws IOException, InterruptedException {
    int oldOnes = 0;
    int newOnes = 0;
    for (String call : CALLS) {
      int n = 0;
      for (boolean killed = true; killed; ) {
        String where = "killed at " + call + " number " + ++n;
        assertTrue(n < MOST, "more calls than a change can need");
        done("apply -f " + old);
        killed = isKilled(call, n);
        boolean isOld = run("diff -f " + old).code() == 0;
        boolean isNew = run("diff -f " + wanted).code() == 0;
        assertTrue(isOld ^ isNew, where + ": neither is in force");
        oldOnes += killed && isOld ? 1 : 0;
        newOnes += killed && isNew ? 1 : 0;
        // The next command goes on as if nothing had been, and clears up.
        done("apply -f " + last);
        assertEquals(0, run("diff -f " + last).code());
        assertEquals(List.of("db", "web"), pools(), where);
      }
    }
    assertTrue(oldOnes > 3 && newOnes > 0, oldOnes + " kills before, " + newOnes + " after");
  }

  @Test
  void shouldMakeTheInstanceAnewWhereverTheFirstWasKilled()
      throws IOException, InterruptedException {
    // Not at each piece of the registry that is written: until it is renamed, nobody looks.
    for (String call : List.of("mkdir", "rename", "ftruncate")) {
      int n = 0;
      for (boolean killed = true; killed; ) {
        String where = "killed at " + call + " number " + ++n;
        assertTrue(n < MOST, "more calls than a change can need");
        if (directory().exists()) {
          done("clean");
        }
        killed = isKilled(call, n);
        if (directory().exists()) {
          String plain = done("show --plain");
          boolean isEmpty = !plain.contains("pool\t") && !plain.contains("service\t");
          assertTrue(isEmpty || run("diff -f " + wanted).code() == 0, where + ": " + plain);
        }
        done("apply -f " + wanted);
        assertEquals(0, run("diff -f " + wanted).code(), where);
      }
      assertTrue(n > 2, call);
    }
  }

  /** The pools that have files, by name; each has one. */
  private List<String> pools() throws IOException {
    try (Stream<Path> files = Files.list(directory().path())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains("pool-"))
          .map(name -> name.replaceAll("^pool-|~$", ""))
          .sorted()
          .toList();
    }
  }
}
