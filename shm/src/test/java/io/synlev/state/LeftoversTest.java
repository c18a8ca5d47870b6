package io.synlev.state;

import static io.synlev.state.StateFixture.assertDbIsWhole;
import static io.synlev.state.StateFixture.assertRefused;
import static io.synlev.state.StateFixture.backends;
import static io.synlev.state.StateFixture.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others leave behind or do at the same time. */
class LeftoversTest {
  @TempDir Path temporary;

  private StateDirectory fresh() {
    return new StateDirectory(temporary.resolve("state"), "test");
  }

  @Test
  void shouldCreateOverWhatAKilledCreatorLeft() throws IOException {
    StateDirectory directory = fresh();
    directory.create();
    StateDirectory.createFile(directory.lock());
    Files.write(StateDirectory.unfinished(directory.registry()), new byte[12345]);
    assertRefused(() -> Instance.open(directory), "there is no instance 'test'", "magctl create");
    // Of an instance whose deleter was killed after the registry had gone.
    Files.write(directory.pool("old"), new byte[12345]);
    StateFixture.create(directory.base());
    assertDbIsWhole(directory);
    assertTrue(Files.notExists(directory.pool("old")));
    assertTrue(Files.notExists(StateDirectory.unfinished(directory.registry())));
  }

  @Test
  void shouldSweepPoolsThatNobodyNames() throws IOException {
    StateDirectory directory = StateFixture.create(fresh().base());
    Files.write(directory.pool("lost"), new byte[12345]);
    Files.write(StateDirectory.unfinished(directory.pool("cache")), new byte[12345]);
    try (Instance instance = Instance.open(directory)) {
      instance.createPool(pool("cache"), backends(11, 2));
      assertEquals(backends(11, 2), instance.snapshot("cache").backends());
    }
    assertTrue(Files.notExists(directory.pool("lost")));
    assertTrue(Files.notExists(StateDirectory.unfinished(directory.pool("cache"))));
    assertDbIsWhole(directory);
  }

  @Test
  void shouldNotDeleteWhatIsNotOurs() throws IOException {
    StateDirectory directory = StateFixture.create(fresh().base());
    Path foreign = Files.createFile(directory.path().resolve("notes.txt"));
    assertRefused(() -> Instance.delete(directory), foreign, "not deleted", "move it away");
    assertDbIsWhole(directory);
    Files.delete(foreign);
    Files.createFile(directory.controlSocket());
    Instance.delete(directory);
    assertTrue(Files.notExists(directory.path()));
    assertRefused(() -> Instance.delete(directory), "there is no instance 'test'");
  }

  @Test
  void shouldLeaveNothingWhenItCannotBeCreated() throws IOException {
    StateDirectory directory = fresh();
    directory.create();
    // A directory in the way of the file.
    Path obstacle = StateDirectory.unfinished(directory.registry()).resolve("x");
    Files.createDirectories(obstacle);
    assertRefused(() -> Instance.create(directory, StateFixture.SETTINGS), directory.path());
    assertFalse(directory.exists());
    Files.delete(obstacle);
    StateFixture.create(directory.base());
  }

  @Test
  void shouldLetOneOfManyCreatorsWin() throws Exception {
    StateDirectory directory = fresh();
    List<Callable<String>> creators = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      creators.add(
          () -> {
            try (ChildJvm child =
                ChildJvm.withAllClasses(CreatorMain.class, directory.base(), "test")) {
              return child.finish();
            }
          });
      creators.add(() -> CreatorMain.create(directory));
    }
    List<String> answers = atOnce(creators);
    assertEquals(1, answers.stream().filter(a -> a.contains("created")).count(), answers::toString);
    assertEquals(
        creators.size() - 1,
        answers.stream().filter(a -> a.contains("instance 'test' exists already")).count(),
        answers::toString);
    Instance.open(directory).close();
  }

  private static List<String> atOnce(List<Callable<String>> tasks)
      throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      List<String> answers = new ArrayList<>();
      for (Future<String> task : threads.invokeAll(tasks)) {
        answers.add(task.get());
      }
      return answers;
    }
  }

  /** Creates an instance and says what came of it. */
  static final class CreatorMain {
    private CreatorMain() {}

    /** Arguments: base directory and instance. */
    public static void main(String[] args) {
      System.out.println(create(new StateDirectory(Path.of(args[0]), args[1])));
    }

    static String create(StateDirectory directory) {
      try (Instance _ = Instance.create(directory, StateFixture.SETTINGS)) {
        return "created";
      } catch (StateException e) {
        return e.getMessage();
      }
    }
  }
}
