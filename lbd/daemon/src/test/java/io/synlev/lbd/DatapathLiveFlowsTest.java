package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.Datapath;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.WorkerStatistics;
import io.synlev.hash.Seed;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flows of a datapath that knows backends by identities, while backends come and go. */
class DatapathLiveFlowsTest {
  @TempDir Path temporary;
  private final List<Integer> identities = new ArrayList<>();
  private Instance instance;
  private CarriedFlows carried;

  @BeforeEach
  void create() {
    instance =
        Instance.create(
            new StateDirectory(temporary.resolve("state"), "test"),
            new InstanceSettings(new Seed(1, 2), 0xffff));
    instance.createPool(
        new PoolSettings("web", 97, 10, Policy.MAGLEV, HashOn.TUPLE, 0),
        List.of(Backend.of("a", 1)));
    carried = new DatapathLiveFlows(new Remembering(), instance).carried();
  }

  @AfterEach
  void close() {
    instance.close();
  }

  private void flowTo(String backend) {
    identities.add((int) Backend.identity("web", backend));
  }

  @Test
  void shouldCountTheFlowsOfABackendThatCameLater() throws IOException {
    flowTo("a");
    assertArrayEquals(new long[] {1, 0}, carried.count(1, 2));

    instance.updatePool("web", _ -> List.of(Backend.of("a", 1), Backend.of("b", 2)));
    flowTo("b");
    flowTo("b");

    assertArrayEquals(new long[] {1, 2}, carried.count(1, 2));
  }

  @Test
  void shouldEndTheFlowsOfABackendThatGotAnotherMark() throws IOException {
    flowTo("a");
    instance.updatePool("web", _ -> List.of(Backend.of("b", 2)));
    instance.updatePool("web", _ -> List.of(Backend.of("b", 2), Backend.of("a", 3)));

    assertEquals(0, carried.end(1));
    assertEquals(1, carried.end(3));
  }

  /** Has the flows that the test says. */
  private final class Remembering implements Datapath {
    @Override
    public String name() {
      return "remembering";
    }

    @Override
    public void start(Consumer<Throwable> onFailure) {}

    @Override
    public void stop() {}

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }

    @Override
    public List<WorkerStatistics> statistics() {
      return List.of();
    }

    @Override
    public FlowListing flowListing(IntUnaryOperator marks) {
      return new Listing(marks);
    }
  }

  private final class Listing implements FlowListing {
    private final IntUnaryOperator marks;

    Listing(IntUnaryOperator marks) {
      this.marks = marks;
    }

    @Override
    public String carrier() {
      return "remembering";
    }

    @Override
    public Room room() {
      return new Room(100, "in all");
    }

    @Override
    public void forEach(Consumer<FlowRecord> visitor) {
      identities.forEach(identity -> visitor.accept(record(identity)));
    }

    private FlowRecord record(int identity) {
      FlowRecord record = new FlowRecord();
      record.mark = marks.applyAsInt(identity);
      record.isLive = record.mark != 0;
      return record;
    }

    @Override
    public long flush(Predicate<FlowRecord> condition) {
      int before = identities.size();
      identities.removeIf(identity -> condition.test(record(identity)));
      return before - identities.size();
    }

    @Override
    public Map<String, Long> counters() {
      return Map.of();
    }
  }
}
