package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.FlowTable;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FlowsInForceTest {
  private final FlowsInForce flows = new FlowsInForce();

  /** Carries one flow, whose visitor may be held up. */
  private record One(String carrier) implements LiveFlows, FlowListing {

    @Override
    public Offload inForce() {
      return Offload.TC;
    }

    @Override
    public FlowTable of(int worker) {
      return FlowTable.EMPTY;
    }

    @Override
    public FlowListing listing() {
      return this;
    }

    @Override
    public Room room() {
      return new Room(1, "in all");
    }

    @Override
    public void forEach(Consumer<FlowRecord> visitor) {
      FlowRecord record = new FlowRecord();
      record.mark = carrier.length();
      record.isLive = true;
      visitor.accept(record);
    }

    @Override
    public long flush(Predicate<FlowRecord> condition) {
      return 0;
    }

    @Override
    public Map<String, Long> counters() {
      return Map.of(carrier, 1L);
    }

    @Override
    public void close() {
      // Nothing was opened.
    }
  }

  @Test
  void shouldAskWhoeverCarriesFlowsByThen() throws IOException {
    CarriedFlows carried = flows.carried();
    assertEquals("none", carried.carrier());
    flows.replace(new One("ab"));
    FlowListing listing = flows.listing();
    flows.replace(new One("abc"));
    assertEquals("abc", carried.carrier());
    assertArrayEquals(new long[] {0, 1}, carried.count(2, 3));
    assertEquals(Map.of("abc", 1L), listing.counters());
    flows.replace(LiveFlows.NONE);
    assertThrows(IOException.class, listing::counters, "nobody can be asked any more");
  }

  /** What was replaced may be closed, so nobody may still be in it. */
  @Test
  void shouldWaitForThoseWhoLook() throws Exception {
    flows.replace(new One("ab"));
    CountDownLatch looking = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread looker =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    flows.listing().forEach(_ -> await(looking, goOn));
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    looking.await();
    Thread replacer = Thread.ofPlatform().start(() -> flows.replace(LiveFlows.NONE));
    while (replacer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    replacer.join();
    looker.join();
    assertFalse(looker.isAlive());
    assertEquals("none", flows.carried().carrier());
  }

  private static void await(CountDownLatch looking, CountDownLatch goOn) {
    looking.countDown();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
