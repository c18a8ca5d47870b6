package io.synlev.lbd;

import io.synlev.bpf.TcMode;
import io.synlev.bpf.TcOptions;
import io.synlev.datapath.FlowTimeouts;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** Who carries established flows, so that what reaches us of them can follow. */
final class OffloadTopic extends OptionTopic {

  OffloadTopic(CommandSpec spec) {
    super(spec);
    addParsed(
        "--offload",
        "HOW",
        "auto",
        "Who carries established flows; their fragments and ICMP errors follow them: conntrack,"
            + " tc (a program at the interfaces, for direct return, too), none, or auto"
            + " (conntrack if it is there)",
        Offload.class,
        Offload::parse);
    addText(
        "--offload-interface",
        "IF[,IF...]",
        "With tc: where packets from clients arrive, such as eth0.");
    addParsed(
        "--offload-mode",
        "MODE",
        "mark",
        "With tc: mark (the host's stack routes by the mark) or redirect (straight to the next"
            + " hop, past the host's firewall)",
        TcMode.class,
        OffloadTopic::mode);
    addNumber(
        "--offload-flows",
        "N",
        TcOptions.DEFAULT_FLOWS,
        "With tc: room for flows of each family; a million takes 105 MB (IPv4) and 129 MB (IPv6)");
    addNumber(
        "--offload-insertions",
        "N",
        TcOptions.DEFAULT_INSERTIONS,
        "With tc: the most new flows a second that each worker makes known, 0 for any number;"
            + " packets of others go by the table");
    addParsed(
        "--offload-timeouts",
        "KIND=S[,...]",
        FlowTimeouts.DEFAULT.text(),
        "With tc: how long idle flows are known, in seconds",
        FlowTimeouts.class,
        FlowTimeouts::parse);
    addText(
        "--run-dir",
        "DIR",
        "Where what ends with the machine is kept (SYNLEV_RUN_DIR, or "
            + TcOptions.DEFAULT_RUN
            + ").");
  }

  private static TcMode mode(String text) {
    return switch (text) {
      case "mark" -> TcMode.MARK;
      case "redirect" -> TcMode.REDIRECT;
      default -> throw new IllegalArgumentException("'" + text + "' is none of mark, redirect");
    };
  }

  /** The mode's word for people. */
  static String word(TcMode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  /**
   * What was asked for.
   *
   * @param environment where SYNLEV_RUN_DIR is looked up
   * @throws IllegalArgumentException if options contradict each other
   */
  OffloadSettings settings(Map<String, String> environment) {
    String interfaces = value("--offload-interface");
    String run = value("--run-dir");
    if (run == null) {
      run = environment.getOrDefault("SYNLEV_RUN_DIR", "");
    }
    return new OffloadSettings(
        value("--offload"),
        interfaces == null ? List.of() : List.of(interfaces.split(",")),
        value("--offload-mode"),
        this.<Integer>value("--offload-flows"),
        this.<Integer>value("--offload-insertions"),
        value("--offload-timeouts"),
        run.isEmpty() ? TcOptions.DEFAULT_RUN : Path.of(run));
  }
}
