package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Action;
import io.synlev.datapath.Reason;
import io.synlev.state.AdminState;
import io.synlev.state.PortRange;
import io.synlev.steering.FragmentBed.Fate;
import io.synlev.steering.fragment.FragmentOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FragmentSteeringTest {

  private static final int MTU_V4 = 1480;
  private static final int MTU_V6 = 1448;

  @TempDir Path base;
  private Testbed bed;
  private FragmentBed fragments;
  private final Random random = new Random(3);

  @BeforeEach
  void open() throws Exception {
    bed = new Testbed(base);
    fragments = new FragmentBed(bed, FragmentOptions.DEFAULT);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  /** The mark that the datagram would get in one piece. */
  private int expected(Datagram datagram) {
    return bed.decide(datagram.whole()).mark;
  }

  private static List<byte[]> split(Datagram datagram) {
    return datagram.fragments(datagram.ipv6() ? MTU_V6 : MTU_V4);
  }

  private void assertAllAt(Datagram datagram, List<byte[]> packets) {
    int mark = expected(datagram);
    assertTrue(mark > 100, "a backend");
    for (byte[] packet : packets) {
      Fate fate = fragments.fate(packet);
      assertEquals(Action.MARK, fate.action(), fate.toString());
      assertEquals(mark, fate.mark(), fate.toString());
    }
  }

  /** Datagrams of 4,000 and 30,000 bytes, so many fragments that orders differ. */
  private List<Datagram> datagrams(boolean ipv6) {
    return IntStream.range(0, 200)
        .mapToObj(i -> Datagram.udp(ipv6, i, 1000 + i, i % 2 == 0 ? 4000 : 30_000))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldSendEveryFragmentWhereTheWholeDatagramWouldGoInEveryOrder(boolean ipv6) {
    Set<Integer> marks = new HashSet<>();
    for (Datagram datagram : datagrams(ipv6)) {
      List<byte[]> packets = split(datagram);
      List<byte[]> sent = new ArrayList<>(packets);
      if (datagram.id() % 3 == 1) {
        Collections.reverse(sent);
      } else if (datagram.id() % 3 == 2) {
        Collections.shuffle(sent, random);
      }
      fragments.send(sent, 1 + datagram.id() % 7);
      assertAllAt(datagram, packets);
      marks.add(expected(datagram));
    }
    assertEquals(10, marks.size(), "all backends are used");
    assertEquals(200, bed.counted(Reason.FRAGMENT_FIRST));
    assertEquals(bed.counted(Reason.FRAGMENT_HELD), bed.counted(Reason.FRAGMENT_RELEASED));
    assertTrue(bed.counted(Reason.FRAGMENT_HELD) > 200, "held");
    assertEquals(200 * 12, bed.packets("web"), "counted for backends");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldKeepInterleavedDatagramsApart(boolean ipv6) {
    List<Datagram> datagrams = datagrams(ipv6);
    List<byte[]> all = new ArrayList<>();
    datagrams.forEach(datagram -> all.addAll(split(datagram)));
    Collections.shuffle(all, random);
    fragments.send(all, Steering.MAX_BATCH);
    datagrams.forEach(datagram -> assertAllAt(datagram, split(datagram)));
  }

  @Test
  void shouldHoldNothingWhenTheFirstOneIsInTheSameBatch() {
    Datagram datagram = Datagram.udp(false, 1, 1000, 30_000);
    List<byte[]> reversed = split(datagram).reversed();
    fragments.send(reversed, 64);
    assertAllAt(datagram, reversed);
    assertEquals(0, bed.counted(Reason.FRAGMENT_HELD));
  }

  @Test
  void shouldFindTheEntryForDuplicatesAfterCompletion() {
    Datagram datagram = Datagram.udp(true, 1, 1000, 4000);
    List<byte[]> packets = split(datagram);
    fragments.send(packets, 1);
    fragments.send(packets, 1);
    int mark = expected(datagram);
    for (byte[] packet : packets) {
      assertEquals(List.of(mark, mark), fragments.fates(packet).stream().map(Fate::mark).toList());
    }
    assertEquals(3, bed.counted(Reason.FRAGMENT_DUPLICATE));
  }

  @Test
  void shouldSendOverlapsToTheSameBackendAndCountThem() {
    Datagram datagram = Datagram.udp(false, 1, 1000, 4000);
    fragments.send(split(datagram), 1);
    byte[] overlap = datagram.fragment(1472, 64);
    fragments.send(overlap);
    assertEquals(expected(datagram), fragments.fate(overlap).mark());
    assertEquals(Reason.FRAGMENT_OVERLAP, fragments.fate(overlap).reason());
    assertEquals(1, bed.counted(Reason.FRAGMENT_OVERLAP));
  }

  @Test
  void shouldStayWithTheBackendOfTheFirstWhenThePoolChangesInBetween() {
    Datagram datagram = Datagram.udp(false, 1, 1000, 4000);
    List<byte[]> packets = split(datagram);
    int mark = expected(datagram);
    fragments.send(packets.get(0), packets.get(1));
    bed.instance.updatePool(
        "web",
        backends ->
            backends.stream()
                .map(b -> b.fwmark() == mark ? b.with(AdminState.INACTIVE) : b)
                .toList());
    assertNotEquals(mark, expected(datagram));
    fragments.send(packets.get(2), packets.get(0));
    for (byte[] packet : packets) {
      assertEquals(
          Set.of(mark), Set.copyOf(fragments.fates(packet).stream().map(Fate::mark).toList()));
    }
  }

  @Test
  void shouldTakeAnotherFlowWithTheSameIdentificationForAnotherDatagram() {
    Datagram one = Datagram.udp(false, 1, 1000, 4000);
    Datagram other =
        IntStream.range(1001, 2000)
            .mapToObj(port -> Datagram.udp(false, 1, port, 4000))
            .filter(datagram -> expected(datagram) != expected(one))
            .findFirst()
            .orElseThrow();
    fragments.send(split(one), 1);
    fragments.send(split(other), 1);
    int last = split(other).size() - 1;
    assertEquals(expected(other), fragments.fates(split(other).get(last)).getLast().mark());
  }

  @Test
  void shouldForgetFragmentsWhoseFirstOneNeverComes() {
    Datagram datagram = Datagram.udp(false, 1, 1000, 4000);
    List<byte[]> packets = split(datagram);
    fragments.send(packets.get(1), packets.get(2));
    assertEquals(2, fragments.held.size());
    fragments.now += FragmentOptions.DEFAULT.lifeNanos();
    fragments.send(Datagram.udp(false, 2, 1000, 100).whole());
    assertEquals(0, fragments.held.size());
    assertEquals(2, bed.counted(Reason.FRAGMENT_EXPIRED));
    assertEquals(0, fragments.fragments.size(), "nothing leaked");
  }

  @Test
  void shouldDropWhatComesBackWithoutAnEntryAndNeverHoldItAgain() {
    Datagram datagram = Datagram.udp(false, 1, 1000, 4000);
    byte[] later = split(datagram).get(1);
    fragments.held.released.add(later); // as if its first had been forgotten on the way
    fragments.send(Datagram.udp(false, 2, 1000, 100).whole());
    assertEquals(Reason.FRAGMENT_RETURNED_LATE, fragments.fate(later).reason());
    assertEquals(Action.DROP, fragments.fate(later).action());
    assertEquals(0, fragments.held.size());
  }

  /** RFC 791: 8 bytes of data are the least of a fragment that others follow; these hold ports. */
  @Test
  void shouldTakeTheSmallestFirstFragment() {
    Datagram datagram = Datagram.udp(false, 1, 1000, 64);
    List<byte[]> packets = datagram.fragments(8);
    fragments.send(packets, 1);
    assertAllAt(datagram, packets);
  }

  /** RFC 7112, section 5: the first fragment must have the whole chain of headers. */
  @Test
  void shouldDropAFirstFragmentThatEndsBeforeThePortsAndRememberNothing() {
    Datagram headersFirst =
        new Datagram(true, new int[0], 60, 9, new byte[64]); // destination options, then nothing
    headersFirst.payload()[0] = 60;
    headersFirst.payload()[1] = 3;
    byte[] first = headersFirst.fragment(0, 16);
    byte[] tiny = Datagram.udp(false, 7, 1000, 64).fragment(0, 8);
    tiny[3] = 22; // total length: two bytes of UDP
    fragments.send(first, java.util.Arrays.copyOf(tiny, 22));
    assertEquals(2, bed.counted(Reason.FRAGMENT_FIRST_TOO_SHORT));
    assertEquals(Action.DROP, fragments.fate(first).action());
    assertEquals(0, fragments.fragments.size());
  }

  /** RFC 6946, section 4: a fragment header alone makes no fragment. */
  @Test
  void shouldTakeAnAtomicFragmentForAWholePacket() {
    Datagram datagram = Datagram.udp(true, 5, 1000, 800);
    byte[] atomic = datagram.fragment(0, 800);
    fragments.send(atomic);
    assertEquals(expected(datagram), fragments.fate(atomic).mark());
    assertEquals(Reason.FORWARDED_UDP, fragments.fate(atomic).reason());
    assertEquals(0, fragments.fragments.size());
  }

  @Test
  void shouldFollowThroughHeadersBeforeTheFragmentHeader() {
    Datagram datagram = Datagram.udp(true, 5, 1000, 4000).behind(0, 60);
    List<byte[]> packets = split(datagram).reversed();
    fragments.send(packets, 1);
    assertAllAt(datagram, packets);
  }

  @Test
  void shouldTreatLaterFragmentsAsTheFirstWhenThereIsNoBackend() {
    bed.instance.updatePool(
        "web", backends -> backends.stream().map(b -> b.with(AdminState.INACTIVE)).toList());
    List<byte[]> packets = split(Datagram.udp(false, 1, 1000, 4000));
    fragments.send(packets.get(2), packets.get(0), packets.get(1));
    assertEquals(Reason.NO_BACKEND, fragments.fate(packets.get(0)).reason());
    assertEquals(Reason.FRAGMENT_UNSERVED, fragments.fate(packets.get(1)).reason());
    assertEquals(1, bed.counted(Reason.FRAGMENT_RELEASE_FAILED), "the held one ended");
    assertEquals(0, fragments.held.size());
  }

  @Test
  void shouldFollowButNotCountWhenTheViewHasChangedInBetween() throws Exception {
    Datagram datagram = Datagram.udp(false, 1, 1000, 4000);
    List<byte[]> packets = split(datagram);
    fragments.send(packets.get(0), packets.get(1));
    assertEquals(2, bed.packets("web"));
    bed.views.swap(View.compile(bed.instance, 2));
    fragments.send(packets.get(2));
    assertAllAt(datagram, packets);
    assertEquals(2, bed.packets("web"), "the pool might be another one by now");
  }

  /** Later fragments have no port, and would wait for a first one that is not remembered. */
  @Test
  void shouldTreatLaterFragmentsAsTheFirstWhenNoServiceHasItsPort() throws Exception {
    bed.instance.updateServices(
        services ->
            services.stream()
                .map(s -> s.with(s.match().withPorts(List.of(new PortRange(53, 53)))))
                .toList());
    bed.views.swap(View.compile(bed.instance, 2));
    Datagram served = Datagram.udp(false, 1, 1000, 4000);
    fragments.send(split(served).reversed(), 1);
    assertAllAt(served, split(served));
    Datagram other = Datagram.udp(false, 2, 1000, 4000);
    other.payload()[3] = 54;
    List<byte[]> packets = split(other);
    fragments.send(packets.get(1), packets.get(0), packets.get(2));
    assertEquals(Reason.NO_SERVICE_FOR_PORT, fragments.fate(packets.get(0)).reason());
    assertEquals(Reason.FRAGMENT_UNSERVED, fragments.fate(packets.get(2)).reason());
    assertEquals(0, fragments.held.size());
  }

  @Test
  void shouldServeTheLatestWhenMoreDatagramsComeThanTheTableHolds() {
    fragments = new FragmentBed(bed, new FragmentOptions(16, 200_000_000, 32, 1 << 16));
    List<Datagram> datagrams =
        IntStream.range(0, 100).mapToObj(i -> Datagram.udp(false, i, 1000 + i, 4000)).toList();
    datagrams.forEach(d -> fragments.send(split(d).getFirst()));
    assertEquals(84, bed.counted(Reason.FRAGMENT_ENTRY_EVICTED));
    for (Datagram datagram : datagrams.subList(84, 100)) {
      fragments.send(split(datagram).get(1));
      assertEquals(expected(datagram), fragments.fate(split(datagram).get(1)).mark());
    }
    datagrams.subList(0, 84).forEach(d -> fragments.send(split(d).get(1), split(d).get(2)));
    assertEquals(32, fragments.held.size());
    assertEquals(2 * 84 - 32, bed.counted(Reason.FRAGMENT_EVICTED));
  }

  @Test
  void shouldSayWhatItWouldDoWithoutATrace() {
    Datagram datagram = Datagram.udp(false, 1, 1000, 4000);
    byte[] later = split(datagram).get(1);
    var out = new io.synlev.datapath.Decision();
    fragments.steering.decide(bed.place(later), later.length, fragments.now, out);
    assertEquals(Reason.FRAGMENT_HELD, out.reason);
    assertEquals(0, fragments.held.size());
    fragments.send(split(datagram).getFirst());
    fragments.steering.decide(bed.place(later), later.length, fragments.now, out);
    assertEquals(Reason.FRAGMENT_FOLLOWED, out.reason);
    assertEquals(expected(datagram), out.mark);
    assertEquals(0, bed.counted(Reason.FRAGMENT_FOLLOWED));
  }
}
