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
  HELD("held", "Fragments that were held until their first one came.");

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
