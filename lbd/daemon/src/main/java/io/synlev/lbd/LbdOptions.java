package io.synlev.lbd;

import io.synlev.netfilter.FragmentQueues;
import io.synlev.netfilter.QueueOptions;
import io.synlev.state.StateDirectory;
import io.synlev.steering.Outcome;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.Treatment;
import io.synlev.steering.fragment.FragmentOptions;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * The command line. Written with picocli's builders, since reading annotations by reflection would
 * take 40 ms of every start.
 */
final class LbdOptions {
  private static final String DEFAULT = " (${DEFAULT-VALUE}).";
  private static final long NANOS_PER_MS = 1_000_000;

  private final CommandLine line;
  private final ParseResult parsed;

  private LbdOptions(CommandLine line, ParseResult parsed) {
    this.line = line;
    this.parsed = parsed;
  }

  /**
   * Reads a command line.
   *
   * @throws CommandLine.ParameterException if an option is unknown or its value malformed
   */
  static LbdOptions parse(String... arguments) {
    CommandLine line = new CommandLine(spec());
    return new LbdOptions(line, line.parseArgs(arguments));
  }

  private static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("lbd");
    spec.usageMessage().sortOptions(false).width(100).autoWidth(false);
    spec.usageMessage()
        .description(
            "Decides about packets that iptables rules put into NFQUEUE queues: each gets the mark"
                + " of the backend that the instance's table names for its flow. Runs in the"
                + " foreground until SIGTERM or SIGINT.%n");
    spec.usageMessage()
        .footer(
            "",
            "Examples:",
            "  lbd                              serve instance 'default' on queue 2",
            "  lbd --instance web --queue 0:3   four queues, a thread each",
            "  lbd --no-service accept          let packets to no VIP pass unmarked",
            "  magctl stats                     what was decided so far, and why",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong usage. docs/lbd.md tells more.");
    addInstance(spec);
    addQueues(spec);
    addFragments(spec);
    addSteering(spec);
    spec.addOption(
        option("--log-level", "LEVEL", "error, warning, info or debug" + DEFAULT)
            .defaultValue("info")
            .type(Level.class)
            .converters(converter(Levels::parse))
            .build());
    spec.addOption(
        flag("Do all of a start but binding queues, then end: to try it.", "--warm-up-only")
            .build());
    spec.addOption(flag("Show the version.", "--version").versionHelp(true).build());
    spec.addOption(flag("Show this.", "-h", "--help").usageHelp(true).build());
    return spec;
  }

  private static void addInstance(CommandSpec spec) {
    spec.addOption(
        option(
                "--instance",
                "NAME",
                "The instance (SYNLEV_INSTANCE, or '" + StateDirectory.DEFAULT_INSTANCE + "').")
            .type(String.class)
            .build());
    spec.addOption(
        option(
                "--state-dir",
                "DIR",
                "Where instances live (SYNLEV_STATE_DIR, or " + StateDirectory.DEFAULT_BASE + ").")
            .type(String.class)
            .build());
  }

  private static void addQueues(CommandSpec spec) {
    spec.addOption(
        option("--queue", "N|N:M", "The queue, or a range with one thread each" + DEFAULT)
            .defaultValue("2")
            .type(QueueRange.class)
            .converters(converter(QueueRange::parse))
            .build());
    addNumber(
        spec,
        "--copy-range",
        "BYTES",
        QueueOptions.DEFAULT_COPY_RANGE,
        "How much of each packet is copied to us: the headers");
    addNumber(
        spec,
        "--queue-length",
        "PACKETS",
        QueueOptions.DEFAULT_QUEUE_LENGTH,
        "How many packets may wait in the kernel");
    addNumber(
        spec,
        "--receive-buffer",
        "BYTES",
        QueueOptions.DEFAULT_RECEIVE_BUFFER,
        "The socket's receive buffer; the kernel doubles it");
    addNumber(
        spec,
        "--batch",
        "PACKETS",
        QueueOptions.DEFAULT_BATCH,
        "The most packets that are decided together");
    spec.addOption(
        flag("Let packets pass unmarked when a queue is full: do not drop them.", "--fail-open")
            .build());
  }

  private static void addFragments(CommandSpec spec) {
    FragmentOptions usual = FragmentOptions.DEFAULT;
    spec.addOption(
        option(
                "--fragment-queue",
                "N|N:M",
                "A queue, or a range, for fragments; as in 'lbrules install --fragment-queue'.")
            .type(QueueRange.class)
            .converters(converter(QueueRange::parse))
            .build());
    spec.addOption(
        option("--tun", "NAME", "The device where held fragments come in again" + DEFAULT)
            .defaultValue(FragmentQueues.DEFAULT_TUN)
            .type(String.class)
            .build());
    spec.addOption(
        option(
                "--tier-interface",
                "IF[,IF]",
                "Where other balancers' fragments come in: then ours are handed to their owners.")
            .type(String[].class)
            .splitRegex(",")
            .build());
    addNumber(
        spec,
        "--fragment-table",
        "DATAGRAMS",
        usual.datagrams(),
        "How many fragmented datagrams each thread remembers");
    addNumber(
        spec,
        "--fragment-life",
        "MS",
        (int) (usual.lifeNanos() / NANOS_PER_MS),
        "How long they are remembered, and early fragments held");
    addNumber(
        spec,
        "--fragment-hold",
        "PACKETS",
        usual.heldFragments(),
        "How many early fragments each thread holds");
    addNumber(spec, "--fragment-hold-bytes", "BYTES", usual.heldBytes(), "How many bytes of them");
  }

  private static void addSteering(CommandSpec spec) {
    spec.addOption(
        option("--no-service", "OUTCOME", "Packets to no VIP: drop, accept or mark=N" + DEFAULT)
            .defaultValue("drop")
            .type(Outcome.class)
            .converters(converter(Outcomes::parse))
            .build());
    spec.addOption(
        option(
                "--no-backend",
                "OUTCOME",
                "Packets to a pool without active backend: drop or mark=N" + DEFAULT)
            .defaultValue("drop")
            .type(Outcome.class)
            .converters(converter(Outcomes::parse))
            .build());
    spec.addOption(
        option(
                "--icmp-errors",
                "HOW",
                "ICMP errors to a VIP: flow (to the backend of the flow they are about), addresses"
                    + " (by its addresses alone) or drop"
                    + DEFAULT)
            .defaultValue("flow")
            .type(Treatment.class)
            .converters(converter(Treatments::parse))
            .build());
  }

  private static void addNumber(
      CommandSpec spec, String name, String label, int value, String description) {
    spec.addOption(
        option(name, label, description + DEFAULT)
            .defaultValue(String.valueOf(value))
            .type(int.class)
            .build());
  }

  private static OptionSpec.Builder option(String name, String label, String description) {
    return OptionSpec.builder(name).paramLabel(label).arity("1").description(description);
  }

  private static OptionSpec.Builder flag(String description, String... names) {
    return OptionSpec.builder(names).arity("0").type(boolean.class).description(description);
  }

  /** Picocli shows the message of this exception alone, and prefixes others with their class. */
  private static ITypeConverter<?> converter(Function<String, ?> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  boolean asksForHelp() {
    return line.isUsageHelpRequested();
  }

  boolean asksForVersion() {
    return line.isVersionHelpRequested();
  }

  /** What {@code --help} shows. */
  String help() {
    return line.getUsageMessage();
  }

  boolean isWarmUpOnly() {
    return parsed.hasMatchedOption("--warm-up-only");
  }

  Level logLevel() {
    return value("--log-level");
  }

  /**
   * What was asked for.
   *
   * @param environment where SYNLEV_INSTANCE and SYNLEV_STATE_DIR are looked up
   * @throws IllegalArgumentException if a value is out of range
   * @throws io.synlev.state.StateException if the instance's name is no name
   */
  DaemonSettings settings(Map<String, String> environment) {
    String base = chosen("--state-dir", environment.get("SYNLEV_STATE_DIR"));
    String name = chosen("--instance", environment.get("SYNLEV_INSTANCE"));
    QueueRange queues = value("--queue");
    QueueOptions first =
        QueueOptions.of(queues.first())
            .withCopyRange(value("--copy-range"))
            .withQueueLength(value("--queue-length"))
            .withReceiveBuffer(value("--receive-buffer"))
            .withBatch(value("--batch"))
            .withFailOpen(parsed.hasMatchedOption("--fail-open"));
    List<QueueOptions> each = queues.numbers().stream().map(first::withQueue).toList();
    SteeringOptions steering =
        SteeringOptions.DEFAULT
            .withNoService(value("--no-service"))
            .withNoBackend(value("--no-backend"))
            .withIcmpErrors(value("--icmp-errors"));
    StateDirectory directory =
        new StateDirectory(
            Path.of(base == null ? StateDirectory.DEFAULT_BASE : base),
            name == null ? StateDirectory.DEFAULT_INSTANCE : name);
    return new DaemonSettings(directory, each, fragments(), steering);
  }

  private FragmentSettings fragments() {
    QueueRange range = value("--fragment-queue");
    String[] tier = value("--tier-interface");
    if (range == null) {
      if (tier != null) {
        throw new IllegalArgumentException(
            "--tier-interface is about fragments: give --fragment-queue, too");
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

  private String chosen(String option, String fromEnvironment) {
    String given = parsed.matchedOptionValue(option, null);
    boolean isUnset = fromEnvironment == null || fromEnvironment.isEmpty();
    return given != null || isUnset ? given : fromEnvironment;
  }

  private <T> T value(String option) {
    return line.getCommandSpec().findOption(option).getValue();
  }
}
