package io.synlev.fastpath;

import static io.synlev.fastpath.NeighbourBed.MAC;
import static io.synlev.fastpath.NeighbourBed.OPTIONS;
import static io.synlev.fastpath.NeighbourBed.OWN4;
import static io.synlev.fastpath.NeighbourBed.OWN6;
import static io.synlev.fastpath.NeighbourBed.PEER;
import static io.synlev.fastpath.NeighbourBed.same;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ping, and what goes to the kernel and comes from there. */
class StationTest {

  @TempDir Path directory;

  private static byte[] ping(String source, String destination, int type, int ttl, int size) {
    return Talk.echo(MAC, PEER, source, destination, type, ttl, size);
  }

  @Test
  void shouldAnnounceItsAddressesTwice() throws Exception {
    List<byte[]> wanted = new ArrayList<>();
    for (String ours : List.of(OWN4, "192.0.2.1", "198.51.100.1", "203.0.113.1")) {
      wanted.add(Talk.whoHas(MAC, ours, ours));
    }
    for (String ours : List.of(OWN6, "2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1")) {
      byte[] option = Talk.option(2, MAC);
      wanted.add(
          Talk.discovery("333300000001", MAC, ours, "ff02::1", 136, 0x2000_0000, ours, option));
    }
    byte[][] all = sorted(wanted).toArray(byte[][]::new);
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(sorted(bed.announced), all);
      same(sorted(bed.announcedAgain), all);
      same(bed.after(10));
      assertEquals(16, bed.counted(FastPathCounter.ANNOUNCED));
    }
  }

  @Test
  void shouldAnswerEcho() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      for (int size : new int[] {0, 1, 56, 1400}) {
        same(
            bed.say(ping("10.1.0.7", OWN4, 8, 3, size)),
            Talk.echo(PEER, MAC, OWN4, "10.1.0.7", 0, 64, size));
        same(
            bed.say(ping("2001:db8:f::7", OWN6, 128, 3, size)),
            Talk.echo(PEER, MAC, OWN6, "2001:db8:f::7", 129, 64, size));
      }
      assertEquals(8, bed.counted(FastPathCounter.ECHO_ANSWERED));
    }
  }

  @Test
  void shouldNotAnswerEchoThatIsMalformedOrFromNobody() throws Exception {
    byte[] sum = ping("10.1.0.7", OWN4, 8, 64, 20);
    sum[50] ^= 1;
    byte[] header = ping("10.1.0.7", OWN4, 8, 64, 20);
    header[15] ^= 1;
    byte[] sum6 = ping("2001:db8:f::7", OWN6, 128, 64, 20);
    sum6[70] ^= 1;
    byte[] cut = Arrays.copyOf(ping("10.1.0.7", OWN4, 8, 64, 20), 60);
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(
          bed.say(
              sum,
              header,
              sum6,
              cut,
              ping("0.0.0.0", OWN4, 8, 64, 20),
              ping("224.0.0.1", OWN4, 8, 64, 20),
              ping("ff02::1", OWN6, 128, 64, 20)));
      assertEquals(7, bed.counted(FastPathCounter.ECHO_MALFORMED));
    }
  }

  @Test
  void shouldPassToTheKernelWhatIsNotOurs() throws Exception {
    byte[] ssh = Frame.of("10.7.0.1", OWN4).ports(4000, 22).bytes();
    byte[] request = Talk.whoHas(PEER, "10.1.0.7", "10.1.0.99");
    byte[] reply = Talk.isAt(MAC, "10.1.0.99", PEER, "10.1.0.7");
    byte[] lldp = Arrays.copyOf(Frame.hex("0180c200000e" + PEER + "88cc"), 60);
    byte[] router = Frame.of("fe80::1", "ff02::1").echo().bytes();
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, true)) {
      same(bed.say(ssh, request, reply, lldp, router));
      same(
          sorted(bed.atKernel()),
          sorted(List.of(ssh, request, reply, lldp, router)).toArray(byte[][]::new));
      assertEquals(5, bed.counted(FastPathCounter.PASSED));
      assertEquals(0, bed.counted(FastPathCounter.NOT_OURS));
    }
  }

  private static List<byte[]> sorted(List<byte[]> frames) {
    return frames.stream().sorted(Arrays::compare).toList();
  }

  @Test
  void shouldSendWhatTheKernelSends() throws Exception {
    byte[] frame = Frame.of(OWN4, "10.7.0.1").ports(22, 4000).bytes();
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, true)) {
      same(bed.kernelSays(frame), frame);
      assertEquals(1, bed.counted(FastPathCounter.FROM_KERNEL));
    }
  }

  @Test
  void shouldDropWhatIsNotOursWithoutAnExceptionPort() throws Exception {
    byte[] ssh = Frame.of("10.7.0.1", OWN4).ports(4000, 22).bytes();
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(bed.say(ssh, Talk.whoHas(PEER, "10.1.0.7", "10.1.0.99")));
      assertEquals(1, bed.counted(FastPathCounter.NOT_OURS));
    }
  }

  @Test
  void shouldAllocateNothing() throws Exception {
    byte[] wrong = Talk.whoHas6(PEER, "2001:db8:f::7", OWN6);
    wrong[57] ^= 1;
    byte[][] frames = {
      Talk.whoHas(PEER, "10.1.0.7", OWN4),
      Talk.isAt(MAC, OWN4, PEER, "10.1.0.10"),
      Talk.whoHas6(PEER, "2001:db8:f::7", OWN6),
      Talk.isAt6(MAC, OWN6, PEER, "2001:db8:f::10"),
      wrong,
      ping("10.1.0.7", OWN4, 8, 64, 20),
      ping("2001:db8:f::7", OWN6, 128, 64, 20),
      Frame.of("10.7.0.1", OWN4).ports(4000, 22).bytes(),
      Frame.of("10.7.0.1", "198.51.100.1").bytes(),
      Frame.of("2001:db8:7::1", "2001:db8:3::1").bytes()
    };
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, true)) {
      int windows = 0;
      long allocated;
      do {
        allocated = bed.allocated(2000, frames);
        windows++;
      } while (windows < 3 || allocated > 0 && windows < 50);
      // Once the compiler is done; before, the interpreter allocates for memory accesses.
      assertEquals(0, allocated, "bytes in the last of " + windows + " windows");
      assertTrue(bed.counted(FastPathCounter.NEIGHBOUR_LOST) > 0, "timers ran, too");
    }
  }

  @Test
  void shouldTreatAnyBytesWithoutHarm() throws Exception {
    SplittableRandom random = new SplittableRandom(11);
    List<byte[]> sound =
        List.of(
            Talk.whoHas(PEER, "10.1.0.7", OWN4),
            Talk.isAt(MAC, OWN4, PEER, "10.1.0.10"),
            Talk.whoHas6(PEER, "2001:db8:f::7", OWN6),
            Talk.isAt6(MAC, OWN6, PEER, "2001:db8:f::10"),
            ping("10.1.0.7", OWN4, 8, 64, 20),
            ping("2001:db8:f::7", OWN6, 128, 64, 20));
    int said = 0;
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, true)) {
      for (int i = 0; i < 20_000; i++) {
        byte[] frame = sound.get(random.nextInt(sound.size())).clone();
        for (int changes = random.nextInt(4); changes > 0; changes--) {
          frame[12 + random.nextInt(frame.length - 12)] = (byte) random.nextInt(256);
        }
        if (random.nextInt(4) == 0) {
          frame = Arrays.copyOf(frame, 1 + random.nextInt(frame.length));
        }
        if (random.nextInt(2) == 0 && frame.length > 58 && frame[12] == (byte) 0x86) {
          frame = Talk.seal(frame);
        }
        said += bed.say(frame).size();
        bed.atKernel();
      }
      assertTrue(said > 1000, "untouched ones are answered: " + said);
      assertTrue(bed.counted(FastPathCounter.ND_MALFORMED) > 1000);
      assertTrue(bed.counted(FastPathCounter.ARP_MALFORMED) > 1000);
    }
  }
}
