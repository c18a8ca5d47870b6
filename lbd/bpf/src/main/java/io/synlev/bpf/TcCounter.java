package io.synlev.bpf;

/**
 * What the program counts, in the order of enum counter in src/main/bpf/layout.h.
 *
 * <p>An IP packet to a VIP is counted in one of the hits and misses; the rest is counted beside.
 */
public enum TcCounter {
  HIT_MARK("hit-mark", "A packet of a known flow got its backend's mark."),
  HIT_REDIRECT("hit-redirect", "A packet of a known flow went to its backend's next hop."),
  MISS_UNKNOWN("miss-unknown", "The packet's flow is not known; user space decides."),
  MISS_STALE("miss-stale", "The backend of the packet's flow is gone; user space decides."),
  MISS_EXPIRED("miss-expired", "The packet's flow was idle too long; user space decides."),
  MISS_REOPENED("miss-reopened", "A SYN on a flow that was closed; user space decides anew."),
  MISS_FRAGMENT("miss-fragment", "An IP fragment."),
  MISS_OPTIONS("miss-options", "The packet has IPv4 options or an IPv6 extension header."),
  MISS_TAGGED("miss-tagged", "The frame has a VLAN tag."),
  MISS_HOPS("miss-hops", "The packet's TTL or hop limit is 1 or 0: the kernel answers."),
  MISS_PROTOCOL("miss-protocol", "Neither TCP, UDP nor SCTP; ICMP errors are here, too."),
  MISS_MALFORMED("miss-malformed", "Lengths or versions in the headers contradict."),
  MTU_EXCEEDED(
      "mtu-exceeded",
      "Too large for the next hop's interface: marked, so that the kernel answers."),
  NO_NEXT_HOP("no-next-hop", "Redirection without a known next hop: marked instead."),
  PROMOTED("promoted", "The second packet of a flow made it an established one."),
  PROMOTE_FAILED("promote-failed", "Making a flow an established one has to wait a packet.");

  private final String label;
  private final String sentence;

  TcCounter(String label, String sentence) {
    this.label = label;
    this.sentence = sentence;
  }

  /** The name in metrics and output: lower case words joined by hyphens. */
  public String label() {
    return label;
  }

  /** What it means, for people. */
  public String sentence() {
    return sentence;
  }
}
