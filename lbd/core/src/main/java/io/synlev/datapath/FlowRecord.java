package io.synlev.datapath;

import io.synlev.packet.FlowKey;

/** A flow that somebody carries, as it was found; an object that is reused for the next one. */
public final class FlowRecord {

  /** Who talks to whom. */
  public final FlowKey flow = new FlowKey();

  /** What {@link #packets} and {@link #bytes} say when nobody counts. */
  public static final long UNKNOWN = -1;

  /** The fwmark of its backend, or 0 when that is gone. */
  public int mark;

  /** Packets that went past lbd, on the wire, modulo 2^32; or {@link #UNKNOWN}. */
  public long packets;

  /**
   * Bytes of those from the IP header on, a segmented packet's headers once; or {@link #UNKNOWN}.
   */
  public long bytes;

  /** Time since the last packet, in nanoseconds, to about 1 ms. */
  public long idleNanos;

  /** FIN or RST was seen, and no data since. */
  public boolean isClosing;

  /** Only its first packet was seen so far, or SYNs. */
  public boolean isYoung;

  /** Its backend is there and it was not idle for too long: the next packet will follow it. */
  public boolean isLive;
}
