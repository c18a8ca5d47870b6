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
  NOT_IP("not-ip", "Frames that carry neither IP nor ARP, or more than one VLAN tag."),
  NOT_OURS("not-ours", "Packets that are neither for a service nor for us; dropped."),
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
  HANDED_OVER(
      "handed-over",
      "Fragments and translated replies that were given to the worker that their addresses or ports"
          + " name."),
  HANDOVER_FULL("handover-full", "Such packets for whose worker there was no room; freed."),
  NAT_REPLIES("nat-replies", "Translated packets sent to clients."),
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
  FLOWS_OVER_LIMIT("flows-over-limit", "Flows that were not added: too many were new."),

  ARP_ANSWERED("arp-answered", "ARP requests for own addresses and VIPs that were answered."),
  ARP_MALFORMED(
      "arp-malformed", "ARP packets that are cut, not about IPv4 over Ethernet, or from nobody."),
  ND_ANSWERED("nd-answered", "Neighbour solicitations for own addresses and VIPs, answered."),
  ND_MALFORMED(
      "nd-malformed", "Neighbour solicitations and advertisements that RFC 4861 has discarded."),
  ECHO_ANSWERED("echo-answered", "Echo requests to own addresses and VIPs that were answered."),
  ECHO_MALFORMED("echo-malformed", "Echo requests that are cut, or whose checksum is wrong."),
  ADDRESS_CONFLICT(
      "address-conflict", "Messages of others that say an own address or a VIP is theirs."),
  ANNOUNCED("announced", "Announcements that own addresses and VIPs are ours."),
  NEIGHBOUR_ASKED("neighbour-asked", "ARP requests and neighbour solicitations sent."),
  NEIGHBOUR_LEARNED("neighbour-learned", "Answers to them that were taken."),
  NEIGHBOUR_UNSOLICITED(
      "neighbour-unsolicited", "Answers that nobody waited for; nothing was learned from them."),
  NEIGHBOUR_LOST("neighbour-lost", "Neighbours that did not answer in time."),
  NEIGHBOUR_FULL("neighbour-full", "Packets to neighbours for whom the table had no room."),
  WAITED("waited", "Packets that were kept until their neighbour's Ethernet address was known."),
  PASSED("passed", "Packets given to the kernel by the exception port."),
  PASS_REFUSED("pass-refused", "Packets that the exception port did not take; freed."),
  FROM_KERNEL("from-kernel", "Packets of the kernel sent for it.");

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
