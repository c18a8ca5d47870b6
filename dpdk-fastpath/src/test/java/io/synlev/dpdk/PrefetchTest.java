package io.synlev.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.synlev.ffi.GuardPages;
import io.synlev.memory.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefetchTest {

  private static final int COUNT = 64;

  private GuardPages guarded;

  @BeforeEach
  void map() throws Exception {
    guarded = new GuardPages(COUNT * Long.BYTES);
  }

  @Test
  void shouldNotWaitOnX86() {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "machine code is for x86-64 only");
    assertTrue(Prefetch.isWithoutWaiting());
  }

  @Test
  void shouldReadNoMoreThanTheAddresses() {
    long table = guarded.placeAtEnd(new byte[COUNT * Long.BYTES]);
    for (int i = 0; i < COUNT; i++) {
      Memory.putLong(table + 8L * i, guarded.end() - 1);
    }
    for (int count = -1; count <= COUNT; count++) {
      Prefetch.all(guarded.end() - 8L * Math.max(0, count), count);
      Prefetch.load(guarded.end() - 8L * Math.max(0, count), count);
    }
    assertEquals(guarded.end() - 1, Memory.getLong(table));
  }

  @Test
  void shouldBeTheInstructionsThatItsCommentSays(@TempDir Path directory) throws Exception {
    assumeTrue(hasObjdump(), "objdump is missing: apt-get install binutils");
    Path code = Files.write(directory.resolve("code"), Prefetch.code());
    Process objdump =
        new ProcessBuilder(
                "objdump",
                "-D",
                "-b",
                "binary",
                "-m",
                "i386:x86-64",
                "--no-show-raw-insn",
                code + "")
            .start();
    List<String> instructions =
        Pattern.compile("(?m)^\\s+[0-9a-f]+:\\s+(.*?)\\s*$")
            .matcher(new String(objdump.getInputStream().readAllBytes()))
            .results()
            .map(line -> line.group(1).replaceAll("\\s+", " "))
            .toList();
    assertEquals(
        List.of(
            "test %esi,%esi",
            "jle 0x12",
            "mov (%rdi),%rax",
            "prefetcht0 (%rax)",
            "add $0x8,%rdi",
            "dec %esi",
            "jne 0x4",
            "ret"),
        instructions);
  }

  private static boolean hasObjdump() throws InterruptedException {
    try {
      return new ProcessBuilder("objdump", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
