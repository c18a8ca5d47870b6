package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What only a process of its own can show. */
class ProcessTest extends Sandbox {

  @Test
  void shouldEndWithTheCodesThatTheHelpNames() throws Exception {
    assertEquals(new Run(0, done("--help"), ""), Child.run(base(), "--help"));
    Run failed = Child.run(base(), "show");
    assertEquals(1, failed.code());
    assertEquals("", failed.out());
    assertTrue(failed.err().startsWith("magctl: there is no instance 'default'"), failed.err());
    Run misused = Child.run(base(), "show --nonsense");
    assertEquals(2, misused.code());
    assertEquals("", misused.out());
  }

  @Test
  void shouldWriteNothingUnaskedToStderr() throws Exception {
    for (String command : List.of("create 97 4 --json", "show --json", "stats", "service list")) {
      Run run = Child.run(base(), command);
      assertEquals("", run.err(), command);
      assertEquals(0, run.code(), command);
    }
  }

  @Test
  void shouldBearAReaderThatStopsReading() throws Exception {
    done("create 65537 --backends 200");
    Process process = Child.of(base(), "show --json --first 65537").start();
    // More than a pipe holds, so that the write must fail when the reading end goes.
    process.getInputStream().close();
    Run run = awaitWithoutOutput(process);
    assertEquals("", run.err());
    assertEquals(0, run.code());
  }

  @Test
  void shouldFailWhenTheOutputCannotBeWritten() throws Exception {
    done("create 97 4");
    ProcessBuilder builder = Child.of(base(), "show");
    Process process = builder.redirectOutput(new File("/dev/full")).start();
    Run run = awaitWithoutOutput(process);
    assertEquals(1, run.code());
    assertTrue(run.err().startsWith("magctl: cannot write the output: "), run.err());
  }

  private static Run awaitWithoutOutput(Process process) throws Exception {
    String err = new String(process.getErrorStream().readAllBytes());
    return new Run(process.waitFor(), "", err);
  }

  @Test
  void shouldKeepTheChangesOfAllWhoChangeAtOnce() throws IOException, InterruptedException {
    done("create 997 --backends 8");
    done("deactivate 5 6 7 8");
    List<Process> processes = new ArrayList<>();
    for (int backend = 1; backend <= 8; backend++) {
      String command = (backend <= 4 ? "deactivate " : "activate ") + backend;
      processes.add(Child.of(base(), command).start());
    }
    for (Process process : processes) {
      Run run = Child.await(process);
      assertEquals("", run.err());
      assertEquals(0, run.code());
    }
    try (Instance instance = open()) {
      for (Backend backend : instance.snapshot("default").backends()) {
        AdminState expected = backend.fwmark() <= 4 ? AdminState.INACTIVE : AdminState.ACTIVE;
        assertEquals(expected, backend.state(), backend.name());
      }
      // One for the deactivation that prepared it, and one for each process.
      assertEquals(9, instance.snapshot("default").generation());
    }
  }

  @Test
  void shouldLetOneOfManyCreateTheInstanceAndAllTheirPools() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int pool = 1; pool <= 4; pool++) {
      processes.add(Child.of(base(), "create 97 --pool p" + pool).start());
    }
    for (Process process : processes) {
      Run run = Child.await(process);
      assertEquals("", run.err());
      assertEquals(0, run.code());
    }
    try (Instance instance = open()) {
      assertEquals(4, instance.configuration().pools().size());
    }
  }
}
