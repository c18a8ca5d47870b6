package io.synlev.netfilter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.synlev.datapath.HeldPackets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The tun device is real; a queue in the test's own namespace shows what came out of it. */
class HeldCopiesTest {

  private static final int QUEUE = 9;
  private static final int LONGEST = 1500;

  private record Held(int handle, byte[] packet) {}

  /** The root of a user namespace may not open it where only root may. */
  @BeforeAll
  static void needTun() {
    boolean mayOpen = Files.isWritable(Path.of("/dev/net/tun"));
    assertTrue(mayOpen || !"true".equals(System.getenv("CI")), "CI=true, but no /dev/net/tun");
    assumeTrue(mayOpen, "needs a /dev/net/tun that we may open");
  }

  private static byte[] packet(SplittableRandom random) {
    byte[] packet = new byte[random.nextInt(28, LONGEST)];
    random.nextBytes(packet);
    ByteBuffer header = ByteBuffer.wrap(packet);
    header.putShort((short) 0x4500).putShort((short) packet.length).putInt(0);
    header.put((byte) 64).put((byte) 17).putShort((short) 0);
    header.putInt(0xc6336401).putInt(0x0a090001); // 198.51.100.1 to 10.9.0.1
    int sum = 0;
    for (int i = 0; i < 20; i += 2) {
      sum += ByteBuffer.wrap(packet).getShort(i) & 0xffff;
    }
    ByteBuffer.wrap(packet).putShort(10, (short) ~((sum >> 16) + sum));
    return packet;
  }

  private static void inBed(int packets, int bytes, Bed bed) throws Exception {
    TestNamespace.run(
        () -> {
          TestNamespace.command(
              "iptables -t raw -A PREROUTING -d 10.9.0.1 -j NFQUEUE --queue-num " + QUEUE);
          try (Arena arena = Arena.ofConfined();
              TunDevice tun = TunDevice.open("frag-tun")) {
            HeldCopies held = new HeldCopies(arena, tun, BalancerLinks.NONE, packets, bytes);
            bed.run(held, tun, arena);
          }
        });
  }

  private interface Bed {
    void run(HeldCopies held, TunDevice tun, Arena arena) throws Exception;
  }

  private static int hold(HeldCopies held, MemorySegment room, byte[] packet) {
    MemorySegment.copy(MemorySegment.ofArray(packet), 0, room, 0, packet.length);
    return held.hold(room.address(), packet.length);
  }

  @Test
  void shouldSendEveryPacketAsItWasHeldHoweverTheRingIsUsed() throws Exception {
    inBed(
        40,
        20_000,
        (held, tun, arena) -> {
          List<byte[]> arrived = new ArrayList<>();
          List<byte[]> expected = new ArrayList<>();
          MemorySegment room = arena.allocate(LONGEST);
          SplittableRandom random = new SplittableRandom(2);
          ArrayDeque<Held> all = new ArrayDeque<>();
          Consumer<byte[]> take = arrived::add;
          try (TapQueue tap = new TapQueue(QUEUE, tun.index(), take)) {
            for (int i = 0; i < 5000; i++) {
              byte[] packet = packet(random);
              int handle = hold(held, room, packet);
              while (handle == HeldPackets.NONE) {
                held.discard(all.removeFirst().handle);
                handle = hold(held, room, packet);
              }
              all.add(new Held(handle, packet));
              if (random.nextInt(3) == 0) { // one from the middle
                int at = random.nextInt(all.size());
                Held chosen = new ArrayList<>(all).get(at);
                all.remove(chosen);
                assertTrue(held.release(chosen.handle));
                expected.add(chosen.packet);
                tap.step();
              }
            }
          }
          assertEquals(expected.size(), arrived.size());
          for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), arrived.get(i), "packet " + i);
          }
        });
  }

  @Test
  void shouldRefuseWhatDoesNotFitUntilTheOldestGo() throws Exception {
    inBed(
        3,
        2000,
        (held, _, arena) -> {
          MemorySegment room = arena.allocate(4000);
          int first = held.hold(room.address(), 900);
          int second = held.hold(room.address(), 900);
          assertEquals(HeldPackets.NONE, held.hold(room.address(), 900));
          held.discard(second);
          assertEquals(HeldPackets.NONE, held.hold(room.address(), 1101), "the oldest is there");
          held.discard(first);
          assertNotEquals(HeldPackets.NONE, held.hold(room.address(), 2000));
          assertEquals(HeldPackets.NONE, held.hold(room.address(), 2001));
        });
  }

  @Test
  void shouldBringUpADeviceThatTakesClientsPackets() throws Exception {
    inBed(
        1,
        2000,
        (_, tun, _) -> {
          String shown = TestNamespace.command("ip link show frag-tun");
          assertTrue(shown.contains("NOARP,UP") && shown.contains("mtu 65535"), shown);
          Path filter = Path.of("/proc/sys/net/ipv4/conf");
          String all = Files.readString(filter.resolve("all/rp_filter")).trim();
          String own = Files.readString(filter.resolve("frag-tun/rp_filter")).trim();
          assertEquals(all.equals("0") ? "0" : "2", own);
          assertTrue(tun.settings().startsWith("frag-tun: index "), tun.settings());
        });
  }
}
