package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.FlowRecord;
import io.synlev.state.Backend;
import io.synlev.state.Policy;
import io.synlev.state.Service;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The counts of live flows by backend are what a walk over all flows counts. */
class CountedFlowsTest {

  private static final int BACKENDS = 10;
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int ACK = 16;

  @TempDir Path directory;
  private ConnectionBed bed;
  private ConnectionListing listing;
  private final SplittableRandom random = new SplittableRandom(1);

  @BeforeEach
  void open() throws Exception {
    bed = new ConnectionBed(directory, 0);
    bed.pool("first", 301, Policy.LEAST_CONNECTIONS);
    bed.pool("second", 401, Policy.LEAST_CONNECTIONS);
    serve(
        ConnectionBed.service("a", "first", "192.0.2.1/32"),
        ConnectionBed.service("b", "second", "192.0.2.2/32"),
        ConnectionBed.service("c", "web", "192.0.2.3/32"));
    listing =
        new ConnectionListing(
            new Connections(bed.options, bed.tables, bed.counters),
            null,
            this::markOf,
            () -> bed.now);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private void serve(Service... services) throws InterruptedException {
    bed.instance.updateServices(_ -> List.of(services));
    bed.sync();
  }

  private Map<Integer, Integer> marks() {
    Map<Integer, Integer> marks = new HashMap<>();
    for (String pool : List.of("first", "second")) {
      for (Backend backend : backends(pool)) {
        marks.put((int) Backend.identity(pool, backend.name()), backend.fwmark());
      }
    }
    return marks;
  }

  private List<Backend> backends(String pool) {
    return bed.instance.snapshot(pool).backends();
  }

  private int markOf(int identity) {
    return marks().getOrDefault(identity, 0);
  }

  private byte[] anyPacket() {
    int client = random.nextInt(12_000);
    String vip = "192.0.2." + (1 + random.nextInt(3));
    Frame frame = Frame.of("10.7.%d.%d".formatted(client / 250, client % 250), vip);
    int[] flags = {SYN, SYN, SYN, ACK, ACK, ACK, FIN | ACK, RST, SYN | ACK};
    return random.nextInt(4) == 0
        ? frame.udp().bytes()
        : frame.tcpFlags(flags[random.nextInt(flags.length)]).bytes();
  }

  private void run(int bursts) {
    for (int i = 0; i < bursts; i++) {
      bed.now += ConnectionBed.SECOND / 100;
      bed.decide(random.nextInt(2), IntStream.range(0, 64).mapToObj(_ -> anyPacket()).toList());
    }
  }

  /**
   * Lets connections that were only begun be over and closed ones be through, and the tables find
   * all that are over; no other flow's time ends meanwhile.
   */
  private void settle() {
    bed.now += 130 * ConnectionBed.SECOND;
    for (int i = 0; i < 64; i++) {
      bed.now += ConnectionBed.SECOND / 500;
      for (ConnectionTable table : bed.tables) {
        table.begin(bed.now);
        table.end();
      }
    }
  }

  /** Compares with what {@code magctl flows count} does; how many flows there are. */
  private long compare() throws Exception {
    List<Integer> identities = new ArrayList<>(marks().keySet());
    int[] marks = identities.stream().mapToInt(this::markOf).toArray();
    long[] walked = listing.count(marks);
    long[] counted =
        identities.stream().mapToLong(identity -> bed.tables.get(0).liveFlows(identity)).toArray();
    assertArrayEquals(walked, counted);
    assertArrayEquals(
        counted,
        identities.stream().mapToLong(identity -> bed.tables.get(1).liveFlows(identity)).toArray());
    return IntStream.range(0, counted.length).mapToLong(i -> counted[i]).sum();
  }

  @Test
  void shouldCountWhatAWalkCountsWhateverHappens() throws Exception {
    run(1000);
    settle();
    assertTrue(compare() > 4000);
    assertTrue(counted(FastPathCounter.FLOWS_EVICTED) > 100, "some made room");
    assertTrue(counted(FastPathCounter.FLOWS_REOPENED) > 100);
    long flushed = listing.flush(flow -> flow.mark % 3 == 0);
    assertTrue(flushed > 100);
    assertEquals(0, listing.flush(flow -> flow.mark % 3 == 0), "only once");
    compare();
    run(50);
    settle();
    compare();
    // A backend goes, one has its mark, and pools change places.
    bed.instance.updatePool(
        "first",
        backends -> {
          List<Backend> others = new ArrayList<>(backends.subList(1, BACKENDS));
          others.add(ConnectionBed.backend("new", backends.getFirst().fwmark()));
          return others;
        });
    run(100);
    serve(
        ConnectionBed.service("a", "web", "192.0.2.3/32"),
        ConnectionBed.service("b", "second", "192.0.2.2/32"),
        ConnectionBed.service("c", "first", "192.0.2.1/32"));
    run(500);
    settle();
    compare();
    assertTrue(counted(FastPathCounter.FLOWS_STALE) > 10);
    bed.now += 8000 * ConnectionBed.SECOND;
    settle();
    assertEquals(0, compare());
    assertEquals(0, listing.counters().get("known"));
  }

  @Test
  void shouldCountNoFlowsOfPoolsThatDoNotAsk() {
    run(100);
    for (Backend backend : bed.instance.snapshot("web").backends()) {
      int identity = (int) Backend.identity("web", backend.name());
      assertEquals(0, bed.tables.get(0).liveFlows(identity));
    }
  }

  private long counted(FastPathCounter counter) {
    return bed.counted(0, counter) + bed.counted(1, counter);
  }

  @Test
  void shouldCountRightThoughFlowsAreForgottenWhileTheWorkerEndsThem() throws Exception {
    serve(
        ConnectionBed.service("a", "first", "192.0.2.1/32"),
        ConnectionBed.service("b", "second", "192.0.2.2/32"));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    long[] flushed = new long[1];
    Thread flusher = Thread.ofPlatform().start(() -> flushUntilInterrupted(flushed, failure));
    run(3000);
    flusher.interrupt();
    flusher.join();
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
    assertTrue(flushed[0] > 1000, "flushed " + flushed[0]);
    settle();
    compare();
    bed.now += 8000 * ConnectionBed.SECOND;
    settle();
    assertEquals(0, compare());
    assertEquals(0, listing.counters().get("known"));
  }

  private void flushUntilInterrupted(long[] flushed, AtomicReference<Throwable> failure) {
    try {
      int[] turn = new int[1];
      while (!Thread.currentThread().isInterrupted()) {
        flushed[0] += listing.flush((FlowRecord _) -> turn[0]++ % 7 == 0);
      }
    } catch (Throwable e) {
      failure.set(e);
    }
  }
}
