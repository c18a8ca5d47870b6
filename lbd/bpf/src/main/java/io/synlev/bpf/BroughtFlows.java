package io.synlev.bpf;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.FlowRecord;
import io.synlev.packet.FlowKey;
import java.lang.foreign.Arena;

/**
 * Takes flows into the tc program's tables that somebody else has carried so far. They are no young
 * flows any more, so they go into the big tables at once, and no rate is kept to. One thread.
 */
public final class BroughtFlows implements AutoCloseable {

  private final Arena arena = Arena.ofConfined();
  private final Backends backends;
  private final NewFlows ipv4;
  private final NewFlows ipv6;
  private long taken;

  BroughtFlows(MapSet maps, Backends backends) {
    this.backends = backends;
    int most = BatchDecider.MAX_BATCH;
    ipv4 = new NewFlows(arena, FlowKey.IPV4, maps.descriptor(MapSet.Name.FLOWS4), most);
    ipv6 = new NewFlows(arena, FlowKey.IPV6, maps.descriptor(MapSet.Name.FLOWS6), most);
  }

  /**
   * Takes one; its backend is asked for by its mark. It counts as seen just now.
   *
   * @param record copied
   */
  public void add(FlowRecord record) {
    int slot = backends.slotOf(record.mark);
    int epoch = slot < 0 ? 0 : backends.epochOf(slot, record.mark);
    if (epoch == 0 || !FlowLayout.isKnown(record.flow.protocol)) {
      return;
    }
    NewFlows flows = record.flow.family == FlowKey.IPV4 ? ipv4 : ipv6;
    if (flows.isFull()) {
      write(flows);
    }
    flows.add(record.flow, slot, epoch, record.isClosing ? FlowLayout.CLOSING : 0);
  }

  private void write(NewFlows flows) {
    taken += flows.write(flows.count(), System.nanoTime());
  }

  /**
   * Makes all of them known to the program.
   *
   * @return how many it knows; others had no backend any more, or the kernel had no memory
   */
  public long finish() {
    write(ipv4);
    write(ipv6);
    return taken;
  }

  @Override
  public void close() {
    arena.close();
  }
}
