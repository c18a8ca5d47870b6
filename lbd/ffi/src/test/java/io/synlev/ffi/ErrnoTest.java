package io.synlev.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class ErrnoTest {

  @Test
  void shouldSayWhatLibcSays() {
    NativeFunction strerror = Native.libc("strerror");
    for (Errno errno : Errno.values()) {
      long text = strerror.pointer(errno.number(), 0, 0, 0);
      assertEquals(cString(text), errno.text(), errno.name());
    }
  }

  @SuppressWarnings("restricted") // a C string of unknown length
  private static String cString(long address) {
    return MemorySegment.ofAddress(address).reinterpret(200).getString(0);
  }

  @Test
  void shouldDescribeNumbersItDoesNotKnow() {
    assertEquals("EPERM (Operation not permitted)", Errno.describe(1));
    assertEquals("errno 77", Errno.describe(77));
    assertEquals("errno 100000", Errno.describe(100_000));
    assertEquals("see errno(3) for its meaning", Errno.remedy(-5));
  }

  @Test
  void shouldCarryErrnoFromTheCallToTheMessage() {
    int result = Sockets.close(-1);
    assertEquals(-Errno.EBADF.number(), result);
    NativeException thrown =
        assertThrows(NativeException.class, () -> NativeException.check(result, "close(-1)"));
    assertEquals(9, thrown.errno());
    assertEquals(
        "close(-1): EBADF (Bad file descriptor): "
            + "it was closed: this is a defect, please report it",
        thrown.getMessage());
  }

  @Test
  void shouldNameThePackageOfAMissingLibrary() {
    NativeException thrown =
        assertThrows(
            NativeException.class, () -> NativeLibrary.load("libabsent.so.9", "libabsent9"));
    assertEquals("libabsent.so.9 not found: apt-get install libabsent9", thrown.getMessage());
  }

  @Test
  void shouldNameTheFunctionThatALibraryIsTooOldFor() throws Exception {
    NativeLibrary libc = NativeLibrary.load("libc.so.6", "libc6");
    NativeException thrown = assertThrows(NativeException.class, () -> libc.function("not_there"));
    assertEquals("libc.so.6 has no function not_there: install a newer libc6", thrown.getMessage());
  }

  @Test
  void shouldKeepErrnoOfEachThreadApart() throws Exception {
    MemorySegment mine = Native.errnoState();
    mine.fill((byte) 0);
    Thread other = Thread.ofPlatform().start(() -> Sockets.close(-1));
    other.join();
    assertEquals(0, mine.get(ValueLayout.JAVA_INT, 0));
  }
}
