package io.synlev.fastpath;

import static io.synlev.fastpath.NeighbourBed.MAC;
import static io.synlev.fastpath.NeighbourBed.OPTIONS;
import static io.synlev.fastpath.NeighbourBed.OWN4;
import static io.synlev.fastpath.NeighbourBed.PEER;
import static io.synlev.fastpath.NeighbourBed.same;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RFC 826, and RFC 5227 about probes, announcements and conflicts. */
class ArpTest {

  private static final String VIP = "192.0.2.1";

  @TempDir Path directory;

  @Test
  void shouldAnswerForOwnAddressesAndVips() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      for (String ours : List.of(OWN4, VIP, "198.51.100.1", "203.0.113.1")) {
        same(bed.say(Talk.whoHas(PEER, "10.1.0.7", ours)), Talk.isAt(PEER, "10.1.0.7", MAC, ours));
      }
      assertEquals(4, bed.counted(FastPathCounter.ARP_ANSWERED));
    }
  }

  @Test
  void shouldAnswerToOneStationAndWithinItsVlan() throws Exception {
    byte[] unicast = Talk.arp(MAC, PEER, 1, PEER, "10.1.0.7", MAC, OWN4);
    byte[] padded = Arrays.copyOf(Talk.whoHas(PEER, "10.1.0.7", OWN4), 60);
    byte[] answer = Talk.isAt(PEER, "10.1.0.7", MAC, OWN4);
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(bed.say(unicast), answer);
      same(bed.say(padded), answer);
      same(bed.say(Talk.tagged(unicast, 0x6007)), Talk.tagged(answer, 0x6007));
    }
  }

  @Test
  void shouldDefendItsAddressAgainstAProbe() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(bed.say(Talk.whoHas(PEER, "0.0.0.0", VIP)), Talk.isAt(PEER, "0.0.0.0", MAC, VIP));
    }
  }

  @Test
  void shouldAnswerForNobodyElse() throws Exception {
    byte[] toOther = Talk.arp("02ee000000aa", PEER, 1, PEER, "10.1.0.7", MAC, OWN4);
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(bed.say(Talk.whoHas(PEER, "10.1.0.7", "10.1.0.10")));
      same(bed.say(Talk.whoHas(PEER, "10.1.0.7", "192.0.2.2")));
      same(bed.say(Talk.whoHas(PEER, "10.1.0.7", "10.1.0.7")));
      same(bed.say(toOther));
      assertEquals(0, bed.counted(FastPathCounter.ARP_ANSWERED));
    }
  }

  @Test
  void shouldLeaveVipsToAnotherBalancerWhenToldSo() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS.withVips(false), false)) {
      same(bed.say(Talk.whoHas(PEER, "10.1.0.7", VIP)));
      same(bed.say(Talk.whoHas(PEER, "10.1.0.7", OWN4)), Talk.isAt(PEER, "10.1.0.7", MAC, OWN4));
    }
  }

  @Test
  void shouldCountWhoSaysThatOurAddressIsItsOwn() throws Exception {
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, false)) {
      same(bed.say(Talk.whoHas(PEER, VIP, VIP)));
      same(bed.say(Talk.isAt(MAC, OWN4, PEER, OWN4)));
      same(bed.say(Talk.whoHas(PEER, VIP, "10.1.0.10")));
      assertEquals(3, bed.counted(FastPathCounter.ADDRESS_CONFLICT));
      assertEquals(0, bed.counted(FastPathCounter.ARP_ANSWERED));
    }
  }

  @Test
  void shouldTakeNothingThatIsMalformed() throws Exception {
    byte[] sound = Talk.whoHas(PEER, "10.1.0.7", OWN4);
    List<byte[]> frames = new ArrayList<>();
    for (int length = 19; length < 42; length++) {
      frames.add(Arrays.copyOf(sound, length));
    }
    // Hardware type, protocol, both lengths, operation, and a sender that is a group or nobody.
    int[][] changes = {
      {14, 1}, {15, 6}, {16, 9}, {17, 1}, {18, 8}, {19, 16}, {20, 1}, {21, 3}, {21, 0}, {22, 1}
    };
    for (int[] change : changes) {
      byte[] frame = sound.clone();
      frame[change[0]] = (byte) change[1];
      frames.add(frame);
    }
    frames.add(Talk.arp(Talk.ALL, PEER, 1, Talk.NOBODY, "10.1.0.7", Talk.NOBODY, OWN4));
    try (NeighbourBed bed = new NeighbourBed(directory, OPTIONS, true)) {
      same(bed.say(frames.toArray(byte[][]::new)));
      same(bed.atKernel());
      assertEquals(frames.size(), bed.counted(FastPathCounter.ARP_MALFORMED));
    }
  }
}
