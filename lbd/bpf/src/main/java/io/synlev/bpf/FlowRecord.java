package io.synlev.bpf;

import io.synlev.packet.FlowKey;

/** A flow of the tc program's tables as it was found; an object that is reused for the next one. */
public final class FlowRecord {

  /** Who talks to whom. */
  public final FlowKey flow = new FlowKey();

  /** The fwmark of its backend, or 0 when that is gone. */
  public int mark;

  /** Packets that the program handled, on the wire; modulo 2^32. The first one is lbd's. */
  public long packets;

  /** Bytes of those from the IP header on; a segmented packet's headers count once. */
  public long bytes;

  /** Time since the last packet, in nanoseconds, to about 1 ms. */
  public long idleNanos;

  /** FIN or RST was seen, and no data since. */
  public boolean isClosing;

  /** Only its first packet was seen so far, or SYNs. */
  public boolean isYoung;

  /** Its backend is there and it was not idle for too long: the next packet will follow it. */
  public boolean isLive;

  void read(long key, long value, int family, boolean young, Backends backends, IdleLimits limits) {
    FlowLayout.readKey(key, family, flow);
    mark = backends.markOf(FlowLayout.backend(value), FlowLayout.epoch(value));
    packets = FlowLayout.packets(value);
    bytes = FlowLayout.bytes(value);
    int now = (int) (System.nanoTime() >>> FlowLayout.SEEN_SHIFT);
    int idle = Math.max(0, now - FlowLayout.seen(value));
    idleNanos = (long) idle << FlowLayout.SEEN_SHIFT;
    int state = FlowLayout.state(value);
    isClosing = (state & FlowLayout.CLOSING) != 0;
    isYoung = young;
    isLive = mark != 0 && !limits.isOver(idle, flow.protocol, state, young);
  }
}
