package io.synlev.lbd;

import io.synlev.netfilter.QueueOptions;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** The queues for whole packets, and how they are read. */
final class QueueTopic extends OptionTopic {

  QueueTopic(CommandSpec spec) {
    super(spec);
    addParsed(
        "--queue",
        "N|N:M",
        "2",
        "The queue, or a range with one thread each",
        QueueRange.class,
        QueueRange::parse);
    addNumber(
        "--copy-range",
        "BYTES",
        QueueOptions.DEFAULT_COPY_RANGE,
        "How much of each packet is copied to us: the headers");
    addNumber(
        "--queue-length",
        "PACKETS",
        QueueOptions.DEFAULT_QUEUE_LENGTH,
        "How many packets may wait in the kernel");
    addNumber(
        "--receive-buffer",
        "BYTES",
        QueueOptions.DEFAULT_RECEIVE_BUFFER,
        "The socket's receive buffer; the kernel doubles it");
    addNumber(
        "--batch",
        "PACKETS",
        QueueOptions.DEFAULT_BATCH,
        "The most packets that are decided together");
    addFlag("Let packets pass unmarked when a queue is full: do not drop them.", "--fail-open");
  }

  /**
   * Each queue's options, by ascending number.
   *
   * @throws IllegalArgumentException if a value is out of range
   */
  List<QueueOptions> queues() {
    QueueRange range = value("--queue");
    QueueOptions first =
        QueueOptions.of(range.first())
            .withCopyRange(value("--copy-range"))
            .withQueueLength(value("--queue-length"))
            .withReceiveBuffer(value("--receive-buffer"))
            .withBatch(value("--batch"))
            .withFailOpen(isGiven("--fail-open"));
    return range.numbers().stream().map(first::withQueue).toList();
  }
}
