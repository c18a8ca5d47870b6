package io.synlev.netfilter;

/** What a queue's worker counts: label for metrics, and one sentence. */
public enum QueueCounter {
  RECEIVE_CALLS("receive-calls", "Calls of recvmmsg that returned datagrams."),
  DATAGRAMS("datagrams", "Netlink datagrams received."),
  PACKETS("packets", "Packets that were decided."),
  BATCHES("batches", "Calls of the decider."),
  LARGEST_BATCH("largest-batch", "The most packets decided together."),
  ACCEPTED("accepted", "Verdicts: passed with the mark untouched."),
  MARKED("marked", "Verdicts: passed with our mark."),
  DROPPED("dropped", "Verdicts: dropped, malformed messages included."),
  PACKETS_CUT("packets-cut", "Packets longer than the copy range; their headers may be complete."),
  CUT_BY_COPY_RANGE(
      "cut-by-copy-range", "Packets whose headers were longer than the copy range: raise it."),
  SEND_CALLS("send-calls", "Calls of send, one a batch."),
  SEND_ERRORS("send-errors", "Calls of send that failed; they were tried again."),
  VERDICTS_LOST("verdicts-lost", "Verdicts that could not be sent; their packets stay queued."),
  MESSAGES_BAD_LENGTH("messages-bad-length", "Netlink messages with an impossible length."),
  MESSAGES_BAD_ATTRIBUTE(
      "messages-bad-attribute", "Packet messages with an attribute of impossible length."),
  MESSAGES_NO_PACKET_HEADER(
      "messages-no-packet-header", "Packet messages without a packet id; they get no verdict."),
  MESSAGES_NO_PAYLOAD("messages-no-payload", "Packet messages without the packet."),
  MESSAGES_UNKNOWN("messages-unknown", "Netlink messages of a kind that was not asked for."),
  DATAGRAMS_TRUNCATED("datagrams-truncated", "Datagrams longer than their slot (MSG_TRUNC)."),
  OVERRUNS("overruns", "Netlink messages saying that data was lost (NLMSG_OVERRUN)."),
  ERRORS_ENOENT("errors-enoent", "Verdicts for packets that the kernel no longer had."),
  ERRORS_ENODEV("errors-enodev", "Verdicts for a queue that was no longer bound."),
  ERRORS_EPERM("errors-eperm", "Messages refused: another socket holds the queue, or no right."),
  ERRORS_OTHER("errors-other", "Messages refused for any other reason."),
  RECEIVE_INTERRUPTED("receive-interrupted", "Calls of recvmmsg ended by a signal (EINTR)."),
  RECEIVE_AGAIN("receive-again", "Calls of recvmmsg that found nothing (EAGAIN)."),
  RECEIVE_ENOBUFS("receive-enobufs", "The receive buffer overflowed (ENOBUFS).");

  private final String label;
  private final String sentence;

  QueueCounter(String label, String sentence) {
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
