package io.synlev.packet;

/**
 * What {@link PacketParser} found in a packet; one object that is reused.
 *
 * <p>Belongs to one thread. Every parse overwrites every field, so nothing of an earlier packet
 * stays.
 */
public final class PacketHeaders {

  /**
   * Family, addresses, protocol and ports. Nothing of it is known unless {@code
   * status.knowsAddresses()}. The protocol of a later IPv6 fragment is that of the first header
   * inside, which may be an extension header.
   */
  public final FlowKey flow = new FlowKey();

  /** Whether the headers are sound. */
  public HeaderStatus status = HeaderStatus.EMPTY;

  /** What the packet carries. */
  public PacketKind kind = PacketKind.UNKNOWN;

  /** Of the first byte of the packet's IP header; valid as long as the packet is there. */
  public long address;

  /** Whether an ICMP error quotes the packet, which then went the other way, from VIP to client. */
  public boolean quoted;

  /** Where the transport header starts, in bytes from the packet's start; -1 when not known. */
  public int transportOffset;

  /**
   * Where the packet ends, in bytes from its start: where its length field says or where the bytes
   * that are there end, whichever comes first. Known with {@link #transportOffset}, otherwise 0.
   */
  public int end;

  /**
   * Whether this is a fragment. An IPv6 packet in one piece that carries a fragment header is not
   * one (RFC 6946, section 4).
   */
  public boolean fragment;

  /** Where a fragment's data belong, in bytes, 0 to 65528. */
  public int fragmentOffset;

  /** How many bytes a fragment's data have, as far as they are there; 0 if it is no fragment. */
  public int fragmentLength;

  /** Whether fragments follow. */
  public boolean moreFragments;

  /** What the fragments of one packet have in common: 16 bits (IPv4) or 32 (IPv6). */
  public int identification;

  /** Forgets everything but the flow, which a sound IP header overwrites. */
  void reset(long packet, boolean isQuoted) {
    address = packet;
    quoted = isQuoted;
    kind = PacketKind.UNKNOWN;
    transportOffset = -1;
    end = 0;
    fragment = false;
    fragmentOffset = 0;
    fragmentLength = 0;
    moreFragments = false;
    identification = 0;
  }
}
