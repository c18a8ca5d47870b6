package io.synlev.steering.fragment;

import static io.synlev.steering.fragment.FragmentTable.NONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.packet.PacketHeaders;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FragmentTableTest {

  static final FlowHash HASH = new FlowHash(new Seed(1, 2));
  private static final long LIFE = 1000;

  private final PacketHeaders headers = new PacketHeaders();
  private final FragmentKey key = new FragmentKey();
  private final FragmentTable table = new FragmentTable(4, LIFE, HASH);

  static FragmentKey ipv4(FragmentKey key, PacketHeaders headers, int protocol, int id) {
    headers.flow.ipv4(0x0a000001, 0x0a000002, protocol, 0);
    headers.identification = id;
    key.set(headers);
    return key;
  }

  private FragmentKey ipv4(int id) {
    return ipv4(key, headers, 17, id);
  }

  private FragmentKey ipv6(long source, int protocol, int id) {
    headers.flow.ipv6(source, 1, 2, 3, protocol, 0);
    headers.identification = id;
    key.set(headers);
    return key;
  }

  @Test
  void shouldTellDatagramsApartByAddressesIdAndWithIpv4TheProtocol() {
    int entry = table.insert(ipv4(7), 0);
    assertEquals(entry, table.find(ipv4(7), 1));
    assertEquals(NONE, table.find(ipv4(8), 1));
    assertEquals(NONE, table.find(ipv4(key, headers, 6, 7), 1));
    int sixth = table.insert(ipv6(9, 17, 0x8000_0001), 0);
    assertEquals(sixth, table.find(ipv6(9, 60, 0x8000_0001), 1), "the protocol does not count");
    assertEquals(NONE, table.find(ipv6(10, 17, 0x8000_0001), 1));
    assertEquals(NONE, table.find(ipv6(9, 17, 1), 1));
  }

  @Test
  void shouldForgetAfterALife() {
    int entry = table.insert(ipv4(7), 50);
    assertEquals(entry, table.find(ipv4(7), 50 + LIFE - 1));
    assertEquals(NONE, table.find(ipv4(7), 50 + LIFE));
  }

  @Test
  void shouldLiveOnWhenRenewed() {
    table.insert(ipv4(6), 0);
    int entry = table.insert(ipv4(7), 0);
    table.renew(entry, 900);
    assertEquals(entry, table.find(ipv4(7), 900 + LIFE - 1));
    table.expire(900 + LIFE - 1, 10);
    assertEquals(1, table.size());
  }

  @Test
  void shouldCountOnlyLiveEntriesThatMakeRoom() {
    for (int id = 0; id < 4; id++) {
      table.insert(ipv4(id), id);
    }
    table.insert(ipv4(4), 10);
    assertEquals(1, table.evicted());
    assertEquals(NONE, table.find(ipv4(0), 10), "the oldest");
    assertNotEquals(NONE, table.find(ipv4(1), 10));
    table.insert(ipv4(5), LIFE + 5);
    assertEquals(1, table.evicted(), "those were over");
  }

  @Test
  void shouldTellDuplicatesAndOverlaps() {
    int entry = table.insert(ipv4(7), 0);
    assertEquals(Coverage.FRESH, table.cover(entry, 0, 1480));
    assertEquals(Coverage.FRESH, table.cover(entry, 2960, 21));
    assertEquals(Coverage.FRESH, table.cover(entry, 1480, 1480), "ends where others begin");
    assertEquals(Coverage.DUPLICATE, table.cover(entry, 1480, 1480));
    assertEquals(Coverage.DUPLICATE, table.cover(entry, 2960, 21));
    assertEquals(Coverage.OVERLAP, table.cover(entry, 8, 16), "inside another");
    assertEquals(Coverage.OVERLAP, table.cover(entry, 1472, 16), "over an edge");
    assertEquals(Coverage.OVERLAP, table.cover(entry, 0, 65528), "around all");
    assertEquals(Coverage.FRESH, table.cover(entry, 65528, 7));
    int again = table.insert(ipv4(7), 1);
    assertEquals(Coverage.FRESH, table.cover(again, 0, 1480), "a new datagram");
  }

  @Test
  void shouldGoOnWithoutKnowingThePlacesOfMoreFragmentsThanItRemembers() {
    int entry = table.insert(ipv4(7), 0);
    for (int i = 0; i < 8000; i++) {
      assertEquals(Coverage.FRESH, table.cover(entry, i * 8, 8));
    }
    assertEquals(Coverage.DUPLICATE, table.cover(entry, 0, 8));
  }

  private record Known(int entry, long born) {}

  /** The model: a map in order of age, looked through from the start. */
  @Test
  void shouldAgreeWithAModelWhateverHappens() {
    SplittableRandom random = new SplittableRandom(11);
    FragmentTable real = new FragmentTable(37, LIFE, HASH);
    Map<Integer, Known> model = new LinkedHashMap<>();
    long evicted = 0;
    long now = Long.MAX_VALUE - 100_000; // nanoTime may overflow
    for (int step = 0; step < 200_000; step++) {
      now += random.nextInt(60);
      int id = random.nextInt(60);
      long time = now;
      model.values().removeIf(known -> time - known.born >= LIFE);
      int found = real.find(ipv4(id), now);
      assertEquals(model.containsKey(id) ? model.get(id).entry : NONE, found, "step " + step);
      int choice = random.nextInt(3);
      if (choice == 0) {
        model.remove(id);
        if (model.size() == 37) {
          Iterator<Integer> oldest = model.keySet().iterator();
          oldest.next();
          oldest.remove();
          evicted++;
        }
        model.put(id, new Known(real.insert(ipv4(id), now), now));
      } else if (choice == 1 && found != NONE) {
        real.renew(found, now);
        model.remove(id);
        model.put(id, new Known(found, now));
      }
      assertEquals(evicted, real.evicted(), "step " + step);
      assertTrue(real.size() <= 37);
    }
    real.expire(now + LIFE, 37);
    assertEquals(0, real.size(), "leaked entries");
  }
}
