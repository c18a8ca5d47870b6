package io.synlev.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SocketsTest {

  private final int[] pair = new int[2];
  private final Arena arena = Arena.ofConfined();

  @BeforeEach
  void open() {
    assertEquals(0, Sockets.socketPair(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, pair));
  }

  @AfterEach
  void close() {
    assertEquals(0, Sockets.close(pair[0]));
    assertEquals(0, Sockets.close(pair[1]));
    arena.close();
  }

  private void send(int length, int value) {
    MemorySegment bytes = arena.allocate(Math.max(length, 1));
    bytes.fill((byte) value);
    assertEquals(length, Sockets.send(pair[1], bytes.address(), length, 0));
  }

  @Test
  void shouldReceiveSeveralDatagramsAtOnce() {
    DatagramBatch batch = new DatagramBatch(arena, 4, 100);
    assertEquals(128, batch.slotBytes());
    send(5, 1);
    send(128, 2);
    send(129, 3);
    assertEquals(3, batch.receive(pair[0]));
    assertEquals(5, batch.length(0));
    assertEquals(128, batch.length(1));
    assertFalse(batch.isTruncated(1));
    assertEquals(128, batch.length(2));
    assertTrue(batch.isTruncated(2));
    send(1, 7);
    send(1, 8);
    assertEquals(2, batch.receive(pair[0]));
    assertFalse(batch.isTruncated(0), "the flags of the last time are gone");
    assertEquals(1, batch.length(1));
  }

  @Test
  void shouldTellReadinessAndEmptiness() {
    MemorySegment room = arena.allocate(8);
    assertEquals(0, Sockets.pollIn(pair[0], 0));
    assertTrue(Errno.EAGAIN.is(Sockets.receive(pair[0], room.address(), 8, Sockets.MSG_DONTWAIT)));
    send(3, 9);
    assertEquals(1, Sockets.pollIn(pair[0], 1000));
    assertEquals(3, Sockets.receive(pair[0], room.address(), 8, Sockets.MSG_DONTWAIT));
    assertEquals(9, room.get(ValueLayout.JAVA_BYTE, 2));
  }

  @Test
  void shouldSetAndReadOptions() {
    int set = Sockets.setOption(pair[0], Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, 50_000);
    assertEquals(0, set);
    assertEquals(100_000, Sockets.getOption(pair[0], Sockets.SOL_SOCKET, Sockets.SO_RCVBUF));
    assertTrue(Errno.ENOPROTOOPT.is(Sockets.getOption(pair[0], Sockets.SOL_SOCKET, 9999)));
  }

  @Test
  void shouldReturnTheErrnoOfWhatTheKernelLacks() {
    assertTrue(Errno.EAFNOSUPPORT.is(Sockets.socket(255, Sockets.SOCK_DGRAM, 0)));
  }
}
