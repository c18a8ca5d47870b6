package io.synlev.lbd;

import io.synlev.netfilter.QueueOptions;
import io.synlev.state.StateDirectory;
import io.synlev.steering.Outcome;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.Treatment;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line, as picocli fills it in. */
@Command(
    name = "lbd",
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Decides about packets that iptables rules put into NFQUEUE queues: each gets the mark of the "
          + "backend that the instance's table names for its flow. Runs in the foreground.%n"
    },
    footer = {
      "",
      "Examples:",
      "  lbd                                  serve instance 'default' on queue 2",
      "  lbd --instance web --queue 0:3       four queues, a thread each",
      "  lbd --no-service mark=0xffff         leave strangers to a reject rule",
      "  magctl stats                         what was decided so far, and why",
      "",
      "SIGTERM or SIGINT end it. Exit codes: 0 done, 1 failed, 2 wrong usage. docs/lbd.md tells more.",
    })
final class LbdOptions {
  @Option(
      names = "--instance",
      paramLabel = "NAME",
      description =
          "The instance to serve (SYNLEV_INSTANCE, or '" + StateDirectory.DEFAULT_INSTANCE + "').")
  private String instance;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description =
          "Where instances live (SYNLEV_STATE_DIR, or " + StateDirectory.DEFAULT_BASE + ").")
  private Path stateDirectory;

  @Option(
      names = "--queue",
      paramLabel = "N|N:M",
      defaultValue = "2",
      description = "The queue, or a range with one thread each; up to 16 (${DEFAULT-VALUE}).")
  private QueueRange queues;

  @Option(
      names = "--copy-range",
      paramLabel = "BYTES",
      defaultValue = "" + QueueOptions.DEFAULT_COPY_RANGE,
      description = "How much of each packet is copied to us: the headers (${DEFAULT-VALUE}).")
  private int copyRange;

  @Option(
      names = "--queue-length",
      paramLabel = "PACKETS",
      defaultValue = "" + QueueOptions.DEFAULT_QUEUE_LENGTH,
      description = "How many packets may wait in the kernel (${DEFAULT-VALUE}).")
  private int queueLength;

  @Option(
      names = "--receive-buffer",
      paramLabel = "BYTES",
      defaultValue = "" + QueueOptions.DEFAULT_RECEIVE_BUFFER,
      description = "The socket's receive buffer; the kernel doubles it (${DEFAULT-VALUE}).")
  private int receiveBuffer;

  @Option(
      names = "--fail-open",
      description = "Let packets pass unmarked when a queue is full, instead of dropping them.")
  private boolean failOpen;

  @Option(
      names = "--batch",
      paramLabel = "PACKETS",
      defaultValue = "" + QueueOptions.DEFAULT_BATCH,
      description = "The most packets that are decided together (${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--no-service",
      paramLabel = "OUTCOME",
      defaultValue = "drop",
      description = "For packets to no VIP: drop, accept or mark=N (${DEFAULT-VALUE}).")
  private Outcome noService;

  @Option(
      names = "--no-backend",
      paramLabel = "OUTCOME",
      defaultValue = "drop",
      description = "When the pool has no active backend: drop or mark=N (${DEFAULT-VALUE}).")
  private Outcome noBackend;

  @Option(
      names = "--icmp-errors",
      paramLabel = "HOW",
      defaultValue = "flow",
      description =
          "ICMP errors to a VIP: flow (to the backend of the flow they are about), addresses"
              + " (by its addresses alone) or drop (${DEFAULT-VALUE}).")
  private Treatment icmpErrors;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "error, warning, info or debug (${DEFAULT-VALUE}).")
  private Level logLevel;

  @Option(
      names = "--warm-up-only",
      description = "Do all of a start but binding queues, then end: to try a configuration.")
  private boolean warmUpOnly;

  @Option(names = "--version", versionHelp = true, description = "Show the version.")
  private boolean version;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this.")
  private boolean help;

  boolean isWarmUpOnly() {
    return warmUpOnly;
  }

  Level logLevel() {
    return logLevel;
  }

  /**
   * What was asked for.
   *
   * @param environment where SYNLEV_INSTANCE and SYNLEV_STATE_DIR are looked up
   * @throws IllegalArgumentException if a value is out of range
   */
  DaemonSettings settings(Map<String, String> environment) {
    String name = instance == null ? environment.get("SYNLEV_INSTANCE") : instance;
    String base = environment.get("SYNLEV_STATE_DIR");
    if (stateDirectory != null) {
      base = stateDirectory.toString();
    }
    StateDirectory directory =
        new StateDirectory(
            Path.of(base == null || base.isEmpty() ? StateDirectory.DEFAULT_BASE : base),
            name == null || name.isEmpty() ? StateDirectory.DEFAULT_INSTANCE : name);
    QueueOptions common =
        new QueueOptions(
            queues.first(), copyRange, queueLength, receiveBuffer, failOpen, true, batch);
    List<QueueOptions> each = queues.numbers().stream().map(common::withQueue).toList();
    SteeringOptions steering =
        SteeringOptions.DEFAULT
            .withNoService(noService)
            .withNoBackend(noBackend)
            .withIcmpErrors(icmpErrors);
    return new DaemonSettings(directory, each, steering);
  }
}
