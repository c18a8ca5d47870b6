package io.synlev.steering.fragment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.packet.PacketHeaders;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HeldFragmentsTest {

  private static final long LIFE = 1000;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment memory = arena.allocate(8192);
  private final PacketHeaders headers = new PacketHeaders();
  private final FragmentKey key = new FragmentKey();
  private final HeldInMemory packets = new HeldInMemory(4000);
  private final HeldFragments held = held(4);

  private HeldFragments held(int capacity) {
    return new HeldFragments(capacity, LIFE, FragmentTableTest.HASH, packets);
  }

  private boolean hold(HeldFragments where, int id, int content, int length, long now) {
    memory.set(ValueLayout.JAVA_INT_UNALIGNED, 0, content);
    FragmentTableTest.ipv4(key, headers, 17, id);
    return where.hold(key, memory.address(), length, now);
  }

  private void release(HeldFragments where, int id, boolean send) {
    where.release(FragmentTableTest.ipv4(key, headers, 17, id), send);
  }

  private int[] contents() {
    return packets.released.stream()
        .mapToInt(bytes -> MemorySegment.ofArray(bytes).get(ValueLayout.JAVA_INT_UNALIGNED, 0))
        .toArray();
  }

  @Test
  void shouldReleaseTheFragmentsOfADatagramInOrderOfArrival() {
    hold(held, 1, 10, 100, 0);
    hold(held, 2, 20, 100, 1);
    hold(held, 1, 11, 100, 2);
    release(held, 1, true);
    assertArrayEquals(new int[] {10, 11}, contents());
    assertEquals(1, held.size());
    release(held, 1, true);
    assertEquals(2, held.released());
    release(held, 2, true);
    assertArrayEquals(new int[] {10, 11, 20}, contents());
    assertEquals(0, packets.size());
  }

  @Test
  void shouldEndThemWithoutSendingWhenToldSo() {
    hold(held, 1, 10, 100, 0);
    release(held, 1, false);
    assertEquals(1, held.lost());
    assertEquals(0, packets.size());
    assertEquals(List.of(), packets.released);
  }

  @Test
  void shouldLetTheOldestMakeRoomForNumberAndForBytes() {
    for (int i = 0; i < 5; i++) {
      assertTrue(hold(held, i, i, 100, i));
    }
    assertEquals(1, held.evicted(), "five where four fit");
    assertTrue(hold(held, 9, 9, 3900, 5), "leaves room for one of the small ones");
    assertEquals(4, held.evicted());
    assertEquals(4000, packets.bytes());
    assertFalse(hold(held, 8, 8, 4001, 6));
    assertEquals(0, held.size());
  }

  @Test
  void shouldGiveUpAfterALife() {
    hold(held, 1, 10, 100, 0);
    hold(held, 1, 11, 100, 500);
    held.expire(LIFE);
    assertEquals(1, held.expired());
    release(held, 1, true);
    assertArrayEquals(new int[] {11}, contents());
  }

  private record Early(int id, int content, int length, long arrived) {}

  /** The model: a list in order of arrival, looked through from the start. */
  @Test
  void shouldAgreeWithAModelWhateverHappens() {
    SplittableRandom random = new SplittableRandom(12);
    HeldFragments real = held(100);
    List<Early> model = new ArrayList<>();
    List<Integer> released = new ArrayList<>();
    long now = Long.MAX_VALUE - 100_000;
    for (int step = 0; step < 100_000; step++) {
      now += random.nextInt(60);
      int id = random.nextInt(12);
      if (random.nextInt(4) > 0) {
        long time = now;
        model.removeIf(early -> time - early.arrived >= LIFE);
        Early early = new Early(id, step, random.nextInt(4, 700), now);
        assertTrue(hold(real, id, step, early.length, now));
        model.add(early);
        trim(model);
      } else {
        release(real, id, true);
        model.stream().filter(early -> early.id == id).forEach(e -> released.add(e.content));
        model.removeIf(early -> early.id == id);
        assertEquals(released, java.util.Arrays.stream(contents()).boxed().toList());
        released.clear();
        packets.released.clear();
      }
      assertEquals(model.size(), real.size(), "step " + step);
      assertEquals(model.size(), packets.size());
    }
    real.expire(now + LIFE);
    assertEquals(0, real.size() + packets.size(), "leaked packets");
  }

  /**
   * Those let go from the middle leave the ring only with the ones before them; 100 places never
   * run out here before the bytes do, so the model needs none.
   */
  private static void trim(List<Early> model) {
    while (model.stream().mapToInt(Early::length).sum() > 4000) {
      model.removeFirst();
    }
  }
}
