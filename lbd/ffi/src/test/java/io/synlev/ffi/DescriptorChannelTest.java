package io.synlev.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorChannelTest {
  private static final int PATIENCE_MILLIS = 10_000;

  @TempDir Path temporary;
  private Path file;
  private DescriptorChannel.Listener listener;
  private DescriptorChannel here;
  private DescriptorChannel there;

  @BeforeEach
  void connect() throws IOException {
    file = temporary.resolve("socket");
    listener = DescriptorChannel.listen(file);
    here = DescriptorChannel.connect(file);
    there = listener.accept(PATIENCE_MILLIS);
  }

  @AfterEach
  void close() throws IOException {
    here.close();
    there.close();
    listener.close();
    assertFalse(Files.exists(file));
  }

  @Test
  void shouldKeepTheBoundsOfMessages() throws IOException {
    here.send("one");
    here.send("a");
    assertEquals("one", there.receive(PATIENCE_MILLIS).text());
    assertEquals("a", there.receive(PATIENCE_MILLIS).text());
    assertNull(there.receive(0));
  }

  @Test
  void shouldCarryDescriptorsOfTheSameOpenFiles() throws IOException {
    int[] first = new int[2];
    int[] second = new int[2];
    assertEquals(0, Sockets.socketPair(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, first));
    assertEquals(0, Sockets.socketPair(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, second));
    here.send("three", first[1], second[1], second[1]);
    // What is sent stays usable when the sender lets go of it.
    Sockets.close(first[1]);
    Sockets.close(second[1]);
    List<Integer> came = there.receive(PATIENCE_MILLIS).descriptors();
    assertEquals(3, came.size());
    assertNotEquals(came.get(1), came.get(2));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 7);
      assertEquals(1, Sockets.send(first[0], room.address(), 1, 0));
      assertEquals(1, Sockets.receive(came.get(0), room.address(), 1, Sockets.MSG_DONTWAIT));
      assertEquals(1, Sockets.send(second[0], room.address(), 1, 0));
      assertEquals(1, Sockets.receive(came.get(2), room.address(), 1, Sockets.MSG_DONTWAIT));
    }
    came.forEach(Descriptors::close);
    Sockets.close(first[0]);
    Sockets.close(second[0]);
  }

  @Test
  void shouldReadWhatWasSentBeforeTheOtherEndWent() throws IOException {
    here.send("last");
    here.close();
    assertEquals("last", there.receive(PATIENCE_MILLIS).text());
    assertTrue(there.receive(PATIENCE_MILLIS).isEnd());
    NativeException gone = assertThrows(NativeException.class, () -> there.send("late"));
    assertEquals(Errno.EPIPE.number(), gone.errno());
  }

  @Test
  void shouldTrustOurOwnUser() {
    assertTrue(here.isTrusted());
    assertTrue(there.isTrusted());
  }

  @Test
  void shouldNotTakeAFileThatIsThere() {
    NativeException taken =
        assertThrows(NativeException.class, () -> DescriptorChannel.listen(file));
    assertEquals(Errno.EADDRINUSE.number(), taken.errno());
  }
}
