package io.synlev.ffi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/**
 * Packets of a tap, seen by a packet socket: a namespace of their own, which ends with a thread.
 */
class PacketSocketTest {
  private static final String NAME = "tap-test";
  private static final int PATIENCE_MILLIS = 5_000;
  private static final int IPV4 = 0x0800;
  private static final byte[] MAC = {2, 0, 0, 0, 0, 1};

  /** Documentation/networking/filter.rst: ld [16]; jeq #0xc0000263, 0, 1; ret #-1; ret #0. */
  private static final long[] TO_192_0_2_99 = {
    0x20 | 16L << 32, 0x15 | 1L << 24 | 0xc000_0263L << 32, 0x06 | 0xffff_ffffL << 32, 0x06
  };

  private interface Body {
    void run(TapDevice tap, PacketSocket socket) throws Exception;
  }

  private static void withTap(Body body) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              Namespaces.enterNewNetwork();
              try (TapDevice tap = TapDevice.open(NAME)) {
                ip("link set " + NAME + " address 02:00:00:00:00:01 addrgenmode none arp off up");
                try (PacketSocket socket = PacketSocket.open(TO_192_0_2_99)) {
                  body.run(tap, socket);
                }
              }
              return null;
            });
    Thread.ofPlatform().start(task);
    try {
      task.get();
    } catch (ExecutionException e) {
      boolean mayNot = e.getCause() instanceof NativeException refused && refused.errno() == 1;
      if (mayNot && !"true".equals(System.getenv("CI"))) {
        abort("needs root: " + e.getCause().getMessage());
      }
      fail(e.getCause());
    }
  }

  private static void ip(String arguments) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(("ip " + arguments).split(" ")).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
  }

  /** An IPv4 header (RFC 791) of an unassigned protocol, from 192.0.2.1. */
  private static byte[] packetTo(int lastByte) {
    ByteBuffer packet = ByteBuffer.allocate(20);
    packet.putInt(0x4500_0014).putInt(0).putInt(0x40fd_0000);
    return packet.putInt(0xc000_0201).putInt(0xc000_0200 | lastByte).array();
  }

  private static byte[] frame(byte[] packet) {
    ByteBuffer frame = ByteBuffer.allocate(14 + packet.length);
    return frame.put(MAC).put(MAC).putShort((short) IPV4).put(packet).array();
  }

  @Test
  void shouldSeeWhatComesInAndFitsTheFilter() throws Exception {
    withTap(
        (tap, socket) -> {
          tap.write(frame(packetTo(98)));
          tap.write(frame(packetTo(99)));
          PacketSocket.Seen seen = socket.receive(PATIENCE_MILLIS);
          assertArrayEquals(packetTo(99), seen.bytes());
          assertEquals(NetworkInterfaces.index(NAME), seen.interfaceIndex());
          assertFalse(seen.isLeaving());
          assertNull(socket.receive(0), "the other one does not fit");
        });
  }

  @Test
  void shouldSeeWhatLeaves() throws Exception {
    withTap(
        (tap, socket) -> {
          int index = NetworkInterfaces.index(tap.name());
          try (PacketSocket sender = PacketSocket.open(TO_192_0_2_99)) {
            sender.send(index, IPV4, MAC, packetTo(99));
            PacketSocket.Seen seen = socket.receive(PATIENCE_MILLIS);
            assertArrayEquals(packetTo(99), seen.bytes());
            assertTrue(seen.isLeaving());
          }
        });
  }

  @Test
  void shouldTakeTheInterfaceAlongWhenItIsClosed() throws Exception {
    withTap(
        (tap, _) -> {
          TapDevice second = TapDevice.open("tap-other");
          assertTrue(NetworkInterfaces.index("tap-other") > 0);
          second.close();
          assertTrue(Errno.ENODEV.is(NetworkInterfaces.index("tap-other")));
          NativeException refused =
              assertThrows(NativeException.class, () -> TapDevice.open(tap.name()));
          assertTrue(Errno.EBUSY.is(-refused.errno()), refused.getMessage());
        });
  }

  @Test
  void shouldRefuseAWrongFilter() throws Exception {
    withTap(
        (_, _) -> {
          NativeException refused =
              assertThrows(NativeException.class, () -> PacketSocket.open(new long[] {0x20}));
          assertTrue(refused.getMessage().startsWith("setsockopt(SO_ATTACH_FILTER): EINVAL"));
        });
  }
}
