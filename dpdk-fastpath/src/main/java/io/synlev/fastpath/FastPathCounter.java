package io.synlev.fastpath;

/**
 * What a worker counts beside the reasons of its decisions: label for metrics, and one sentence.
 */
public enum FastPathCounter {
  RECEIVED("received", "Packets received."),
  BURSTS("bursts", "Bursts with at least one packet."),
  SENT("sent", "Packets sent to backends."),
  ANSWERED("answered", "ICMP errors sent to clients: packet too big, or its life over."),
  REFUSED("refused", "Packets that the port did not take because its queue was full; freed."),
  DROPPED("dropped", "Packets that were decided to end here."),
  NOT_IP("not-ip", "Frames that carry neither IPv4 nor IPv6, or more than one VLAN tag."),
  NOT_OURS("not-ours", "Packets that are the kernel's business; dropped."),
  NO_NEXT_HOP(
      "no-next-hop", "Packets whose backend has no Ethernet or IP address to send them to."),
  NO_ROOM(
      "no-room", "Packets without room before them for a tunnel header, or in several buffers."),
  CUT("cut", "Packets that are shorter than their length field says."),
  TOO_BIG("too-big", "Packets longer than the MTU allows."),
  LIFE_OVER("life-over", "Packets whose TTL or hop limit was used up."),
  UNANSWERED(
      "unanswered",
      "Packets of the last two kinds that got no answer: none is due, no own"
          + " address, or too many a second."),
  HELD("held", "Fragments that were held until their first one came."),
  HANDED_OVER("handed-over", "Fragments that were given to the worker that their addresses name."),
  HANDOVER_FULL("handover-full", "Fragments for whose worker there was no room; freed."),
  FLOWS_HIT("flows-hit", "Packets of flows in the connection table."),
  FLOWS_MISS_SYN("flows-miss-syn", "TCP packets that begin a connection, of no known flow."),
  FLOWS_MISS_TCP("flows-miss-tcp", "Other TCP packets of no known flow."),
  FLOWS_MISS_UDP("flows-miss-udp", "UDP packets of no known flow."),
  FLOWS_MISS_SCTP("flows-miss-sctp", "SCTP packets of no known flow."),
  FLOWS_BYPASS(
      "flows-bypass",
      "Packets to services decided without the connection table: ICMP, later fragments, other"
          + " protocols, services that look at bytes."),
  FLOWS_INSERTED("flows-inserted", "Flows that were added to the connection table."),
  FLOWS_EVICTED("flows-evicted", "Flows that made room for others."),
  FLOWS_EXPIRED("flows-expired", "Flows that were idle for too long."),
  FLOWS_REOPENED("flows-reopened", "Flows that had closed and were begun anew by a SYN."),
  FLOWS_STALE("flows-stale", "Flows whose backend was gone when their next packet came."),
  FLOWS_OVER_LIMIT("flows-over-limit", "Flows that were not added: too many were new.");

  private final String label;
  private final String sentence;

  FastPathCounter(String label, String sentence) {
    this.label = label;
    this.sentence = sentence;
  }

  /** The name in metrics and output. */
  public String label() {
    return label;
  }

  /** What it counts, for people. */
  public String sentence() {
    return sentence;
  }
}
