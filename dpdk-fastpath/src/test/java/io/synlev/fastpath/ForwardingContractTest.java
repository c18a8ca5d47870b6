package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames through the fast path, against {@link Model}, byte by byte. */
class ForwardingContractTest {

  private static final List<String> VIPS4 = List.of("192.0.2.1", "198.51.100.1", "203.0.113.1");
  private static final List<String> VIPS6 =
      List.of("2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1");

  @TempDir Path directory;

  @Test
  void shouldForwardEveryKindOfPacketAsTheModelSays() throws Exception {
    List<byte[]> frames = new ArrayList<>();
    for (List<String> vips : List.of(VIPS4, VIPS6)) {
      String client = vips == VIPS4 ? "10.7.0.1" : "2001:db8:7::1";
      for (String vip : vips) {
        frames.add(Frame.of(client, vip).bytes());
        frames.add(Frame.of(client, vip).udp().ports(5353, 443).bytes());
        frames.add(Frame.of(client, vip).echo().bytes());
        frames.add(Frame.of(client, vip).trafficClass(0xb9).bytes());
        frames.add(Frame.of(client, vip).vlan(0x6042).bytes());
        frames.add(Frame.of(client, vip).payload(0).padding(6).bytes());
        frames.add(Frame.of(client, vip).vlan(7).payload(1).padding(5).bytes());
        frames.add(Frame.of(client, vip).ttl(2).bytes());
        frames.add(Frame.of(client, vip).ttl(1).bytes());
        frames.add(Frame.of(client, vip).ttl(1).vlan(9).bytes());
        frames.add(Frame.of(client, vip).ttl(0).bytes());
        for (int size : new int[] {1399, 1400, 1401, 1420, 1421, 1440, 1441, 1460, 1461}) {
          frames.add(Frame.of(client, vip).payload(size).bytes());
        }
      }
    }
    frames.add(Frame.of("10.7.0.1", "192.0.2.1").fragment(0x2000).bytes());
    frames.add(Frame.of("10.7.0.1", "198.51.100.1").fragment(0x00b9).bytes());
    frames.add(Frame.of("10.7.0.1", "198.51.100.1").fragment(0x00b9).ttl(1).bytes());
    frames.add(Frame.of("10.7.0.1", "192.0.2.77").bytes());
    compare(frames, 64);
  }

  @Test
  void shouldForwardManyFlowsInBurstsOfAnySize() throws Exception {
    SplittableRandom random = new SplittableRandom(5);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      boolean isIpv4 = random.nextInt(3) > 0;
      String client =
          isIpv4 ? "10.7." + random.nextInt(256) + "." + i % 256 : "2001:db8:7::" + (i + 1);
      Frame frame =
          Frame.of(client, (isIpv4 ? VIPS4 : VIPS6).get(random.nextInt(3)))
              .ports(random.nextInt(65536), random.nextInt(65536))
              .payload(random.nextInt(1480))
              .ttl(1 + random.nextInt(255));
      if (random.nextBoolean()) {
        frame.udp();
      }
      if (random.nextInt(4) == 0) {
        frame.vlan(random.nextInt(4096));
      }
      frames.add(frame.bytes());
    }
    for (int burst : new int[] {1, 32, 256}) {
      compare(frames, burst);
    }
  }

  /** Runs the frames through and compares everything that comes out, in order. */
  private void compare(List<byte[]> frames, int burst) throws Exception {
    try (FastPathBed bed =
        new FastPathBed(Files.createDirectory(directory.resolve("burst" + burst)))) {
      ForwardingOptions options = FastPathBed.OPTIONS.withAnswersPerSecond(1_000_000);
      FastPathBed.Out out = bed.run(options, frames, burst, bed::withoutMemory);
      Model model = bed.model(options, out.mac());
      List<Model.Expected> expected = frames.stream().map(model::of).toList();
      same(expected, Model.Fate.SENT, out.sent());
      same(expected, Model.Fate.ANSWERED, out.answered());
      assertEquals(frames.size(), bed.counted(FastPathCounter.RECEIVED));
      assertEquals(out.sent().size(), bed.counted(FastPathCounter.SENT));
      assertEquals(out.answered().size(), bed.counted(FastPathCounter.ANSWERED));
    }
  }

  private static void same(List<Model.Expected> all, Model.Fate fate, List<byte[]> found) {
    List<byte[]> wanted =
        all.stream().filter(e -> e.fate() == fate).map(Model.Expected::frame).toList();
    for (int i = 0; i < Math.min(wanted.size(), found.size()); i++) {
      if (!Arrays.equals(wanted.get(i), found.get(i))) {
        HexFormat hex = HexFormat.ofDelimiter(" ");
        assertEquals(
            hex.formatHex(wanted.get(i)), hex.formatHex(found.get(i)), fate + " frame " + i);
      }
    }
    assertEquals(wanted.size(), found.size(), "frames " + fate);
    assertTrue(!wanted.isEmpty(), "a test without frames " + fate);
  }

  @Test
  void shouldTakeWhatIsNoPacketForNothing() throws Exception {
    byte[] arp = Frame.of("10.7.0.1", "192.0.2.1").bytes();
    arp[12] = 0x08;
    arp[13] = 0x06;
    byte[] twoTags = Frame.of("10.7.0.1", "192.0.2.1").vlan(5).bytes();
    twoTags[16] = (byte) 0x81;
    twoTags[17] = 0;
    byte[] cut = Arrays.copyOf(Frame.of("10.7.0.1", "192.0.2.1").payload(400).bytes(), 100);
    byte[] bare = Arrays.copyOf(arp, 14);
    byte[] headerless = Arrays.copyOf(Frame.of("10.7.0.1", "192.0.2.1").bytes(), 20);
    try (FastPathBed bed = new FastPathBed(directory)) {
      FastPathBed.Out out =
          bed.run(
              FastPathBed.OPTIONS,
              List.of(arp, twoTags, cut, bare, headerless),
              32,
              bed::withoutMemory);
      assertEquals(0, out.sent().size());
      assertEquals(0, out.answered().size());
      assertEquals(3, bed.counted(FastPathCounter.NOT_IP));
      assertEquals(1, bed.counted(FastPathCounter.CUT));
      assertEquals(1, bed.counted(FastPathCounter.DROPPED));
    }
  }

  @Test
  void shouldAnswerOnlyWhenItMay() throws Exception {
    byte[] toAll = Frame.of("10.7.0.1", "192.0.2.1").ttl(1).bytes();
    Arrays.fill(toAll, 0, 6, (byte) 0xff);
    byte[] fromNobody = Frame.of("0.0.0.0", "192.0.2.1").ttl(1).bytes();
    byte[] fromMany = Frame.of("224.0.0.5", "192.0.2.1").ttl(1).bytes();
    byte[] plain = Frame.of("10.7.0.1", "192.0.2.1").ttl(1).bytes();
    List<byte[]> frames = List.of(toAll, fromNobody, fromMany, plain, plain, plain);
    try (FastPathBed bed = new FastPathBed(directory)) {
      FastPathBed.Out out =
          bed.run(FastPathBed.OPTIONS.withAnswersPerSecond(2), frames, 32, bed::withoutMemory);
      assertEquals(2, out.answered().size(), "of three that deserve one, two a second");
      assertEquals(6, bed.counted(FastPathCounter.LIFE_OVER));
      assertEquals(4, bed.counted(FastPathCounter.UNANSWERED));
    }
  }

  @Test
  void shouldAnswerNothingWithoutAnOwnAddress() throws Exception {
    byte[] old4 = Frame.of("10.7.0.1", "192.0.2.1").ttl(1).bytes();
    byte[] old6 = Frame.of("2001:db8:7::1", "2001:db8:1::1").ttl(1).bytes();
    try (FastPathBed bed = new FastPathBed(directory)) {
      FastPathBed.Out out =
          bed.run(
              FastPathBed.OPTIONS.withOwn(null, null), List.of(old4, old6), 32, bed::withoutMemory);
      assertEquals(0, out.answered().size());
      assertEquals(2, bed.counted(FastPathCounter.UNANSWERED));
    }
  }

  @Test
  void shouldSendFragmentsAfterTheirFirstOne() throws Exception {
    byte[] first = Frame.of("10.7.0.1", "198.51.100.1").udp().payload(64).fragment(0x2000).bytes();
    byte[] later = Frame.of("10.7.0.1", "198.51.100.1").udp().payload(64).fragment(0x0009).bytes();
    byte[] whole = Frame.of("10.7.0.1", "198.51.100.1").udp().payload(64).bytes();
    try (FastPathBed bed = new FastPathBed(directory)) {
      FastPathBed.Out out =
          bed.run(FastPathBed.OPTIONS, List.of(later, first, later, whole), 1, bed::withMemory);
      assertEquals(1, bed.counted(FastPathCounter.HELD));
      assertEquals(4, out.sent().size());
      // 14 Ethernet + 20 outer header: its destination is the backend's address.
      byte[] backend = Arrays.copyOfRange(out.sent().getFirst(), 30, 34);
      for (byte[] frame : out.sent()) {
        assertArrayEquals(backend, Arrays.copyOfRange(frame, 30, 34));
      }
    }
  }

  @Test
  void shouldFreeFragmentsThatWaitInVain() throws Exception {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      frames.add(Frame.of("10.7.1." + i, "192.0.2.1").udp().payload(64).fragment(0x0009).bytes());
    }
    try (FastPathBed bed = new FastPathBed(directory)) {
      FastPathBed.Out out = bed.run(FastPathBed.OPTIONS, frames, 8, bed::withMemory);
      assertEquals(0, out.sent().size());
      assertEquals(40, bed.counted(FastPathCounter.HELD), "the oldest make room");
    }
  }
}
