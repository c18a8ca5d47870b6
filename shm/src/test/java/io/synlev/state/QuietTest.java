package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the library behind the state must not do: speak, write files, run threads, call home. */
class QuietTest {
  @TempDir Path temporary;

  @Test
  void shouldSayNothingAndLeaveNothingBehind() throws Exception {
    Path home = Files.createDirectory(temporary.resolve("home"));
    List<String> flags = new ArrayList<>(ChildJvm.flags());
    flags.add("-Duser.home=" + home);
    flags.add("-Djava.io.tmpdir=" + Files.createDirectory(temporary.resolve("tmp")));
    try (ChildJvm child =
        ChildJvm.start(
            List.of("env", "-C", home.toString(), "HOME=" + home),
            flags,
            ChildJvm.fullClassPath(),
            Everything.class,
            temporary.resolve("state"))) {
      assertEquals("threads [] sockets 0\n", child.finish());
      assertEquals(0, child.exitCode());
    }
    assertEquals(Set.of(), files(home));
    assertEquals(Set.of(), files(temporary.resolve("tmp")));
  }

  private static Set<String> files(Path directory) throws Exception {
    Set<String> names = new TreeSet<>();
    try (var files = Files.list(directory)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }

  /** Does everything that writers and readers do, and tells what of it still runs. */
  static final class Everything {
    private Everything() {}

    /** Argument: base directory. */
    public static void main(String[] args) throws Exception {
      Set<Thread> before = Thread.getAllStackTraces().keySet();
      StateDirectory directory = StateFixture.create(Path.of(args[0]));
      try (Instance instance = Instance.open(directory)) {
        instance.updatePool("web", all -> all.subList(0, 2));
        instance.updateServices(
            all -> List.of(new Service("s", "db", List.of(Prefix.parse("10.0.0.0/32")))));
        instance.deletePool("web");
        instance.releaseDeleted(instance.configuration());
      }
      Set<String> threads = new TreeSet<>();
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (!before.contains(thread)) {
          threads.add(thread.getName());
        }
      }
      System.out.println("threads " + threads + " sockets " + sockets());
    }

    private static long sockets() throws Exception {
      long sockets = 0;
      try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
        for (Path descriptor : descriptors) {
          if (Files.isSymbolicLink(descriptor)
              && Files.readSymbolicLink(descriptor).toString().startsWith("socket:")) {
            sockets++;
          }
        }
      }
      return sockets;
    }
  }
}
