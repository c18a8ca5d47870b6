package io.synlev.lbd;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The command line; each topic's options are a class. Written with picocli's builders, since
 * reading annotations by reflection would take 40 ms of every start.
 */
final class LbdOptions {
  private final CommandLine line;
  private final InstanceTopic instance;
  private final DatapathTopic datapath;
  private final QueueTopic queues;
  private final FragmentTopic fragments;
  private final SteeringTopic steering;
  private final OffloadTopic offload;
  private final ProcessTopic process;

  private LbdOptions() {
    CommandSpec spec = CommandSpec.create().name("lbd");
    describe(spec);
    instance = new InstanceTopic(spec);
    datapath = new DatapathTopic(spec);
    queues = new QueueTopic(spec);
    fragments = new FragmentTopic(spec);
    steering = new SteeringTopic(spec);
    offload = new OffloadTopic(spec);
    process = new ProcessTopic(spec);
    line = new CommandLine(spec);
  }

  /**
   * Reads a command line.
   *
   * @throws CommandLine.ParameterException if an option is unknown or its value malformed
   */
  static LbdOptions parse(String... arguments) {
    LbdOptions options = new LbdOptions();
    options.line.parseArgs(arguments);
    return options;
  }

  /** Whether an option was given, by its long name with dashes. */
  boolean isGiven(String option) {
    return line.getParseResult().hasMatchedOption(option);
  }

  /** The long names of all options, with dashes. */
  List<String> names() {
    return line.getCommandSpec().options().stream().map(OptionSpec::longestName).toList();
  }

  /** The configuration file; null unless given. */
  String config() {
    return process.config();
  }

  private static void describe(CommandSpec spec) {
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
            "  lbd --config web.yaml            make the instance what a file says, and serve it",
            "  lbd --offload tc --offload-interface eth0   only the first packet of a flow reaches lbd",
            "  lbd --datapath dpdk --dpdk port=0000:03:00.0 --dpdk cores=2,3   without the kernel",
            "  magctl datapath nfqueue          and by its queues again, while lbd runs",
            "  lbd --take-over                  go on where the lbd that runs leaves off, without a gap",
            "  magctl stats                     what was decided so far, and why",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong usage. docs/lbd.md tells more.");
  }

  boolean asksForHelp() {
    return line.isUsageHelpRequested();
  }

  boolean asksForVersion() {
    return line.isVersionHelpRequested();
  }

  /** What {@code --help} shows. */
  String help() {
    return line.getUsageMessage() + datapath.usage();
  }

  boolean isTakeOver() {
    return process.isTakeOver();
  }

  boolean isWarmUpOnly() {
    return process.isWarmUpOnly();
  }

  Level logLevel() {
    return process.logLevel();
  }

  /** What was asked for, without a configuration file. */
  DaemonSettings settings(Map<String, String> environment) {
    return settings(environment, Optional.empty());
  }

  /**
   * What was asked for.
   *
   * @param environment where SYNLEV_INSTANCE, SYNLEV_STATE_DIR and SYNLEV_RUN_DIR are looked up
   * @param configured the instance that a configuration file is for, if it says so
   * @throws IllegalArgumentException if a value is out of range
   * @throws io.synlev.state.StateException if the instance's name is no name, or another than the
   *     file's
   */
  DaemonSettings settings(Map<String, String> environment, Optional<String> configured) {
    return new DaemonSettings(
        instance.directory(environment, configured),
        queues.queues(),
        fragments.settings(),
        steering.options(),
        offload.settings(environment),
        datapath.settings(),
        datapath.standby());
  }
}
