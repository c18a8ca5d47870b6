package io.synlev.steering.trace;

import io.synlev.datapath.Decision;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;
import io.synlev.state.Service;
import io.synlev.steering.View;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where a trace meets one worker. The worker offers, one reader takes; offering allocates nothing.
 */
final class TraceTap {
  private final TraceFilter filter;
  private final TraceRate rate;
  private final int snapLength;
  private final AtomicLong overRate;
  private final AtomicLong withoutRoom;
  private final TraceRing ring = new TraceRing();
  private final PacketHeaders headers = new PacketHeaders();
  private final boolean asksForHeaders;

  private View known;
  private int service = TraceFilter.ANY;

  TraceTap(
      TraceFilter filter,
      TraceRate rate,
      int snapLength,
      AtomicLong overRate,
      AtomicLong withoutRoom) {
    this.filter = filter;
    this.rate = rate;
    this.snapLength = snapLength;
    this.overRate = overRate;
    this.withoutRoom = withoutRoom;
    asksForHeaders = filter.asksForHeaders();
  }

  void offer(
      View view, long[] addresses, int[] lengths, int count, long nowNanos, Decision[] decisions) {
    if (view != known) {
      findService(view);
    }
    for (int i = 0; i < count; i++) {
      if (filter.fits(decisions[i], service)
          && (!asksForHeaders || fitsHeaders(addresses[i], lengths[i]))) {
        keep(view, addresses[i], lengths[i], nowNanos, decisions[i]);
      }
    }
  }

  private boolean fitsHeaders(long address, int length) {
    PacketParser.parse(address, length, headers);
    return filter.fits(headers);
  }

  private void keep(View view, long address, int length, long nowNanos, Decision decision) {
    if (!rate.passes(nowNanos)) {
      overRate.getAndIncrement();
    } else if (!ring.put(view, nowNanos, decision, address, length, Math.min(length, snapLength))) {
      withoutRoom.getAndIncrement();
    }
  }

  /** Services have other numbers in every view. */
  private void findService(View view) {
    known = view;
    service = TraceFilter.ANY;
    if (view == null || filter.service() == null) {
      return;
    }
    List<Service> services = view.services();
    for (int i = 0; i < services.size(); i++) {
      if (services.get(i).name().equals(filter.service())) {
        service = i;
      }
    }
  }

  TracedPacket take(int worker) {
    return ring.take(worker);
  }
}
