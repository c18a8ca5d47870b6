package io.synlev.datapath;

/**
 * Why a packet was treated as it was: every outcome has one, and one counter.
 *
 * <p>Counters live in shared memory under {@link #id()}, so an id once given is never reused or
 * changed; gaps leave room beside relatives. Labels name the metrics.
 */
public enum Reason {
  /** What a fresh {@link Decision} says; seeing it counted means a defect. */
  UNDECIDED(0, "undecided", "No decision was made."),

  FORWARDED_TCP(1, "forwarded-tcp", "A TCP packet was given to a backend."),
  FORWARDED_UDP(2, "forwarded-udp", "A UDP packet was given to a backend."),
  FORWARDED_ICMP_ECHO(3, "forwarded-icmp-echo", "An ICMP echo request was given to a backend."),

  FORWARDED_ICMP_ERROR(
      4, "forwarded-icmp-error", "An ICMP error was given to the backend of the flow it is about."),

  FOLLOWED_FLOW(
      5,
      "followed-flow",
      "A packet was given to the backend that its flow, known to be live, has."),

  NO_SERVICE(16, "no-service", "No service has the packet's destination."),
  NO_SERVICE_FOR_PROTOCOL(
      18, "no-service-protocol", "No service of the VIP is for the packet's protocol."),
  NO_SERVICE_FOR_PORT(
      19, "no-service-port", "No service of the VIP and protocol is for the destination port."),
  NO_SERVICE_FOR_SOURCE(
      20,
      "no-service-source",
      "The services of VIP, protocol and port are for other sources or header bytes."),
  NO_BACKEND(17, "no-backend", "The service's pool has no active backend."),

  FRAGMENT(24, "fragment", "An IP fragment; the default for fragments applied."),
  ICMP_ERROR(25, "icmp-error", "An ICMP error message; the option for those applied."),
  ICMP_OTHER(26, "icmp-other", "An ICMP message that is neither an echo request nor an error."),
  SCTP(27, "sctp", "An SCTP packet was given to a backend by its ports."),
  SCTP_OVER_UDP(
      29, "sctp-over-udp", "An SCTP packet inside UDP was given to a backend by its own ports."),
  OTHER_PROTOCOL(28, "other-protocol", "Another IP protocol; the default for those applied."),

  EMPTY(40, "empty", "No byte of the packet is there."),
  BAD_IP_VERSION(41, "bad-ip-version", "The version field is neither 4 nor 6."),
  BAD_HEADER_LENGTH(42, "bad-header-length", "The IPv4 header length is below 5 words."),
  BAD_TOTAL_LENGTH(43, "bad-total-length", "The IPv4 total length is below the header's."),
  TOO_MANY_EXTENSION_HEADERS(
      44, "too-many-extension-headers", "The IPv6 header chain is longer than the limit."),
  HEADERS_BEYOND_LENGTH(
      45, "headers-beyond-length", "The IP length field ends the packet inside its headers."),
  BAD_TRANSPORT_LENGTH(
      46, "bad-transport-length", "TCP's data offset or UDP's length is below the header's size."),

  TRUNCATED_IP_HEADER(48, "truncated-ip-header", "The packet ends inside its IP header."),
  TRUNCATED_EXTENSION_HEADER(
      49, "truncated-extension-header", "The packet ends inside an IPv6 extension header."),
  TRUNCATED_L4_HEADER(50, "truncated-l4-header", "The packet ends inside its transport header."),
  CUT_BY_COPY_RANGE(
      51, "cut-by-copy-range", "The headers are longer than the copy range of the queue."),

  FRAGMENT_FIRST(64, "fragment-first", "The first fragment of a datagram was given to a backend."),
  FRAGMENT_FOLLOWED(
      65, "fragment-followed", "A later fragment was treated as its datagram's first one."),
  FRAGMENT_UNSERVED(
      66, "fragment-unserved", "A later fragment whose first one got no backend: treated alike."),
  FRAGMENT_DUPLICATE(
      67, "fragment-duplicate", "A fragment that came again was treated as its datagram's first."),
  FRAGMENT_OVERLAP(
      68, "fragment-overlap", "A fragment over others' data was treated as its datagram's first."),
  FRAGMENT_FIRST_TOO_SHORT(
      69, "fragment-first-too-short", "A first fragment without all headers was dropped."),
  FRAGMENT_HELD(
      70,
      "fragment-held",
      "A fragment that came before its first one was held; a copy will go on."),
  FRAGMENT_TOO_LONG_TO_HOLD(
      71, "fragment-too-long-to-hold", "An early fragment longer than the room was dropped."),
  FRAGMENT_RETURNED_LATE(
      72, "fragment-returned-late", "A held fragment found its first one forgotten: dropped."),

  /** The next ones happen to what was held or remembered; their packets were counted before. */
  FRAGMENT_RELEASED(73, "fragment-released", "A held fragment was sent on its way again."),
  FRAGMENT_RELEASE_FAILED(
      74,
      "fragment-release-failed",
      "A held fragment could not be sent on its way, or was not to."),
  FRAGMENT_EXPIRED(75, "fragment-expired", "A fragment was held until its life was over."),
  FRAGMENT_EVICTED(76, "fragment-evicted", "A held fragment made room for a younger one."),
  FRAGMENT_ENTRY_EVICTED(
      77, "fragment-entry-evicted", "A datagram was forgotten early to make room for another."),

  FRAGMENT_HANDED_OVER(
      78,
      "fragment-handed-over",
      "A fragment from outside was given to the balancer that owns it."),

  /** The next two happen to fragments of a tier's balancer that stay; they are counted beside. */
  FRAGMENT_FROM_BALANCER(
      79, "fragment-from-balancer", "A fragment that another balancer handed over was kept."),
  FRAGMENT_OWNED(63, "fragment-owned", "A fragment from outside was our own, so it was kept."),

  ICMP_ERROR_BY_ADDRESSES(
      80,
      "icmp-error-by-addresses",
      "An ICMP error about a packet without ports was given to a backend by its addresses."),
  ICMP_ERROR_INNER_TRUNCATED(
      81,
      "icmp-error-inner-truncated",
      "The packet inside an ICMP error ends inside its headers; dropped."),
  ICMP_ERROR_INNER_MALFORMED(
      82,
      "icmp-error-inner-malformed",
      "The packet inside an ICMP error is none of its family, or cannot be read; dropped."),
  ICMP_ERROR_INNER_UNKNOWN(
      83,
      "icmp-error-inner-unknown",
      "An ICMP error about ICMP that is no echo reply, so about no flow; dropped."),
  ICMP_ERROR_FOREIGN(
      84,
      "icmp-error-foreign",
      "An ICMP error whose destination did not send the packet inside; dropped."),
  ICMP_SOURCE_QUENCH(85, "icmp-source-quench", "A source quench, which RFC 6633 forbids; dropped."),

  TORN_READ(56, "torn-read", "The table changed again and again while the packet was decided.");

  /** Ids are below this; an array of counters has this many. */
  public static final int LIMIT = 128;

  private final int id;
  private final String label;
  private final String sentence;

  Reason(int id, String label, String sentence) {
    this.id = id;
    this.label = label;
    this.sentence = sentence;
  }

  /** The stable number, from 0 to {@link #LIMIT} - 1. */
  public int id() {
    return id;
  }

  /** The name in metrics and output: lower case words joined by hyphens. */
  public String label() {
    return label;
  }

  /** What it means, for people. */
  public String sentence() {
    return sentence;
  }

  /** Whether the packet ended before its headers did, which a queue's copy range also causes. */
  public boolean isTruncation() {
    return this == TRUNCATED_IP_HEADER
        || this == TRUNCATED_EXTENSION_HEADER
        || this == TRUNCATED_L4_HEADER
        || this == ICMP_ERROR_INNER_TRUNCATED;
  }
}
