package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.HeldPackets;
import io.synlev.datapath.Reason;
import io.synlev.packet.Mutator;
import io.synlev.steering.fragment.FragmentOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fragments whatever their bytes say, while tables move, and without garbage. */
class FragmentRobustnessTest {

  private static final int MUTATIONS = 1_000_000;
  private static final FragmentOptions SMALL = new FragmentOptions(16, 1_000_000, 16, 1 << 16);

  @TempDir Path base;

  private static List<byte[]> originals() {
    List<byte[]> all = new ArrayList<>();
    for (int id = 0; id < 20; id++) {
      all.addAll(Datagram.udp(id % 2 == 0, id, 1000 + id, 200).fragments(48));
      all.addAll(Datagram.udp(true, 100 + id, 1000 + id, 200).behind(0, 60).fragments(104));
    }
    return all;
  }

  /** Each packet ends where forbidden memory begins. */
  @Test
  void shouldHaveOneReasonForEveryMutationAndLeakNothing() throws Exception {
    Mutator mutator = new Mutator(new SplittableRandom(98), originals());
    try (Testbed bed = new Testbed(base)) {
      bed.joinTier(902);
      FragmentBed fragments = new FragmentBed(bed, SMALL.withTier(true));
      long[] address = new long[1];
      int[] length = new int[1];
      Decision[] out = {new Decision()};
      SplittableRandom random = new SplittableRandom(4);
      long now = 0;
      for (int i = 0; i < MUTATIONS; i++) {
        byte[] packet = mutator.next();
        address[0] = bed.place(packet);
        length[0] = packet.length;
        now += random.nextInt(20_000);
        fragments.held.returned = random.nextInt(10) == 0;
        fragments.held.fromBalancer = !fragments.held.returned && random.nextBoolean();
        fragments.steering.decideBatch(address, length, 1, now, out);
        assertNotEquals(Reason.UNDECIDED, out[0].reason);
        assertNotEquals(Reason.FRAGMENT, out[0].reason, "settled");
        fragments.held.released.clear();
      }
      for (Reason reason : Reason.values()) {
        if (reason.name().startsWith("FRAGMENT_") && reason != Reason.FRAGMENT_TOO_LONG_TO_HOLD) {
          assertTrue(bed.counted(reason) > 0, reason + " never happened");
        }
      }
      fragments.now = now + SMALL.lifeNanos();
      fragments.send(Datagram.udp(false, 1, 2, 100).whole());
      fragments.fragments.tidy(fragments.now, new ReasonCounter(bed.instance.counters(1)));
      assertEquals(0, fragments.fragments.size() + fragments.held.size(), "leaked entries");
      assertEquals(0, fragments.held.bytes());
    }
  }

  @Test
  void shouldStoreOnlyWhatStandsWhenATableIsPublishedInBetween() throws Exception {
    try (Testbed bed = new Testbed(base)) {
      int[] checks = {0};
      Epoch moving =
          new Epoch(bed.instance) {
            @Override
            boolean isStill(long epoch) {
              if (++checks[0] == 1) {
                bed.instance.updatePool("web", backends -> Testbed.backends(120, 3));
              }
              return super.isStill(epoch);
            }
          };
      FragmentBed fragments = new FragmentBed(bed, SMALL, moving);
      List<byte[]> packets = Datagram.udp(false, 1, 1000, 4000).fragments(1480);
      fragments.send(packets, 2);
      for (byte[] packet : packets) {
        assertEquals(1, fragments.fate(packet).generation());
        assertEquals(120, fragments.fate(packet).mark() / 3 * 3);
      }
      assertEquals(3, checks[0], "two tries for the first batch, one for the second");
      assertEquals(3, bed.packets("web"));
    }
  }

  @Test
  void shouldRememberNothingOfABatchThatNeverStands() throws Exception {
    try (Testbed bed = new Testbed(base)) {
      Epoch never =
          new Epoch(bed.instance) {
            @Override
            boolean isStill(long epoch) {
              return false;
            }
          };
      FragmentBed fragments = new FragmentBed(bed, SMALL, never);
      byte[] first = Datagram.udp(false, 1, 1000, 4000).fragments(1480).getFirst();
      fragments.send(first);
      assertEquals(Reason.TORN_READ, fragments.fate(first).reason());
      assertEquals(0, fragments.fragments.size());
    }
  }

  /** Holds nothing really, so that the test's own side makes no garbage. */
  private static final class Places implements HeldPackets {
    private int next;

    @Override
    public int hold(long address, int length) {
      return next++ & Integer.MAX_VALUE;
    }

    @Override
    public boolean release(int handle) {
      return true;
    }

    @Override
    public void discard(int handle) {}

    @Override
    public boolean isReturned(int index) {
      return index % 5 == 0;
    }

    @Override
    public boolean isFromBalancer(int index) {
      return index % 5 == 1;
    }
  }

  @Test
  void shouldAllocateNothingInAMillionFragments() throws Exception {
    List<byte[]> packets = originals();
    int count = Steering.MAX_BATCH;
    long[] addresses = new long[count];
    int[] lengths = new int[count];
    Decision[] out = new Decision[count];
    SplittableRandom random = new SplittableRandom(6);
    try (Testbed bed = new Testbed(base);
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < count; i++) {
        byte[] bytes = packets.get(random.nextInt(packets.size()));
        MemorySegment copy = arena.allocate(bytes.length);
        copy.copyFrom(MemorySegment.ofArray(bytes));
        addresses[i] = copy.address();
        lengths[i] = bytes.length;
        out[i] = new Decision();
      }
      bed.joinTier(902);
      Steering steering =
          new Steering(
              bed.instance,
              bed.views,
              0,
              SteeringOptions.DEFAULT,
              FlowTable.EMPTY,
              SMALL.withTier(true),
              new Places());
      decide(steering, addresses, lengths, out);
      assertEquals(0, decide(steering, addresses, lengths, out), "bytes allocated by this thread");
    }
  }

  private static long decide(Steering steering, long[] addresses, int[] lengths, Decision[] out) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 1_000_000 / out.length; i++) {
      steering.decideBatch(addresses, lengths, out.length, i * 300_000L, out);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
