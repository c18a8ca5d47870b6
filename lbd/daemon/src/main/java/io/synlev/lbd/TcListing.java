package io.synlev.lbd;

import io.synlev.bpf.TcCounter;
import io.synlev.bpf.TcOffload;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The flows that the tc program carries, for people. */
record TcListing(TcOffload offload) implements FlowListing {

  @Override
  public String carrier() {
    return Offload.TC.word();
  }

  @Override
  public Room room() {
    return new Room(offload.options().flows(), "of each family");
  }

  @Override
  public void forEach(Consumer<FlowRecord> visitor) throws IOException {
    offload.flows().forEach(visitor);
  }

  @Override
  public long flush(Predicate<FlowRecord> condition) throws IOException {
    return offload.flows().flush(condition);
  }

  @Override
  public Map<String, Long> counters() throws IOException {
    Map<String, Long> counters = new LinkedHashMap<>();
    for (Map.Entry<TcCounter, Long> counter : offload.statistics().entrySet()) {
      counters.put(counter.getKey().label(), counter.getValue());
    }
    return counters;
  }
}
