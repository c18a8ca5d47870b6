package io.synlev.lbd;

import java.lang.System.Logger.Level;
import picocli.CommandLine.Model.CommandSpec;

/** What the process itself does, whatever it serves. */
final class ProcessTopic extends OptionTopic {

  static final String CONFIG = "--config";
  private static final String TAKE_OVER = "--take-over";

  ProcessTopic(CommandSpec spec) {
    super(spec);
    addText(
        CONFIG,
        "FILE",
        "A configuration file: applied at the start and again at each SIGHUP; its 'datapath'"
            + " and 'offload' have these options.");
    addFlag(
        "Where another lbd serves the instance, take over from it without a gap; otherwise as"
            + " without.",
        TAKE_OVER);
    addParsed(
        "--log-level",
        "LEVEL",
        "info",
        "error, warning, info or debug",
        Level.class,
        Levels::parse);
    addFlag("Do all of a start but binding queues, then end: to try it.", "--warm-up-only");
    spec.addOption(flag("Show the version.", "--version").versionHelp(true).build());
    spec.addOption(flag("Show this.", "-h", "--help").usageHelp(true).build());
  }

  /** The configuration file; null unless given. */
  String config() {
    return value(CONFIG);
  }

  boolean isTakeOver() {
    return isGiven(TAKE_OVER);
  }

  Level logLevel() {
    return value("--log-level");
  }

  boolean isWarmUpOnly() {
    return isGiven("--warm-up-only");
  }
}
