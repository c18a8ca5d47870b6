package io.synlev.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardPagesTest {

  @TempDir Path directory;

  @SuppressWarnings("restricted") // raw reads are what is tested
  private static byte read(long address) {
    return MemorySegment.ofAddress(address).reinterpret(1).get(ValueLayout.JAVA_BYTE, 0);
  }

  @Test
  void shouldPlaceContentAgainstEitherGuard() throws Exception {
    try (GuardPages pages = new GuardPages(5000)) {
      byte[] content = {1, 2, 3};
      long atEnd = pages.placeAtEnd(content);
      assertEquals(pages.end(), atEnd + 3);
      assertEquals(1, read(atEnd));
      assertEquals(3, read(pages.end() - 1));
      assertEquals(2, read(pages.placeAtEnd(content, 2) + 1));
      assertEquals(1, read(pages.placeAtStart(content)));
      assertEquals(pages.end(), pages.placeAtEnd(new byte[0]));
    }
  }

  @Test
  void shouldEndAProcessThatReadsOneByteTooMany() throws Exception {
    assertEquals("", outputOfReader(0));
    assertTrue(outputOfReader(1).contains("SIGSEGV"));
    assertTrue(outputOfReader(-3).contains("SIGSEGV"));
  }

  private String outputOfReader(int offset) throws Exception {
    Process reader =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + directory.resolve("error.log"),
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                String.valueOf(offset))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
    reader.waitFor();
    return Files.readString(directory.resolve("output"));
  }

  /** Reads a byte relative to the last allowed one, or with a negative offset to the first. */
  static final class Reader {
    public static void main(String[] args) throws Exception {
      try (GuardPages pages = new GuardPages(1)) {
        int offset = Integer.parseInt(args[0]);
        long address = offset < 0 ? pages.placeAtStart(new byte[1]) : pages.end() - 1;
        read(address + offset);
      }
    }
  }

  @Test
  void shouldAgreeWithTheSystemAboutPages() {
    assertTrue(Integer.bitCount(Pages.pageBytes()) == 1 && Pages.pageBytes() >= 4096);
  }
}
