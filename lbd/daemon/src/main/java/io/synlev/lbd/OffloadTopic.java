package io.synlev.lbd;

import picocli.CommandLine.Model.CommandSpec;

/** Who carries established flows, so that what reaches us of them can follow. */
final class OffloadTopic extends OptionTopic {

  OffloadTopic(CommandSpec spec) {
    super(spec);
    addParsed(
        "--offload",
        "HOW",
        "auto",
        "Who carries established flows, whose fragments and ICMP errors then follow them:"
            + " conntrack, none, or auto (conntrack if it is there)",
        Offload.class,
        Offload::parse);
  }

  Offload offload() {
    return value("--offload");
  }
}
