package io.synlev.lbd;

import io.synlev.netfilter.FragmentQueues;
import io.synlev.steering.fragment.FragmentOptions;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Queues for fragments, and how much is remembered of them; docs/fragments.md. */
final class FragmentTopic extends OptionTopic {
  private static final long NANOS_PER_MS = 1_000_000;

  FragmentTopic(CommandSpec spec) {
    super(spec);
    FragmentOptions usual = FragmentOptions.DEFAULT;
    addParsed(
        "--fragment-queue",
        "N|N:M",
        null,
        "A queue, or a range, for fragments; as in 'lbrules install --fragment-queue'.",
        QueueRange.class,
        QueueRange::parse);
    addText(
        "--tun",
        "NAME",
        FragmentQueues.DEFAULT_TUN,
        "The device where held fragments come in again");
    addTexts(
        "--tier-interface",
        "IF[,IF]",
        "Where other balancers' fragments come in: then each goes to the balancer that owns it.");
    addNumber(
        "--fragment-table",
        "DATAGRAMS",
        usual.datagrams(),
        "How many fragmented datagrams each thread remembers");
    addNumber(
        "--fragment-life",
        "MS",
        (int) (usual.lifeNanos() / NANOS_PER_MS),
        "How long they are remembered, and early fragments held");
    addNumber(
        "--fragment-hold",
        "PACKETS",
        usual.heldFragments(),
        "How many early fragments each thread holds");
    addNumber("--fragment-hold-bytes", "BYTES", usual.heldBytes(), "How many bytes of them");
  }

  /**
   * What was asked for, or null if fragments have no queue.
   *
   * @throws IllegalArgumentException if a value is out of range
   */
  FragmentSettings settings() {
    QueueRange range = value("--fragment-queue");
    String[] tier = value("--tier-interface");
    if (range == null) {
      if (tier != null) {
        throw new IllegalArgumentException(
            "--tier-interface "
                + String.join(",", tier)
                + ": without --fragment-queue no fragments are handed over");
      }
      return null;
    }
    int datagrams = value("--fragment-table");
    int lifeMillis = value("--fragment-life");
    int packets = value("--fragment-hold");
    int bytes = value("--fragment-hold-bytes");
    return new FragmentSettings(
        FragmentQueues.queues(range.first(), range.last()),
        value("--tun"),
        tier == null ? List.of() : List.of(tier),
        new FragmentOptions(datagrams, lifeMillis * NANOS_PER_MS, packets, bytes, tier != null));
  }
}
