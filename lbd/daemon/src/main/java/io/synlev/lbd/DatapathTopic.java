package io.synlev.lbd;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** What carries the packets. */
final class DatapathTopic extends OptionTopic {

  DatapathTopic(CommandSpec spec) {
    super(spec);
    addText(
        "--datapath",
        "NAME",
        DatapathSettings.NFQUEUE,
        "What carries the packets at first: nfqueue (the kernel; all options about queues are its),"
            + " or dpdk (this process, see docs/dpdk.md). 'magctl datapath' switches.");
    addEach(
        "--dpdk",
        "NAME=VALUE",
        "An option of dpdk, such as port=0000:03:00.0, cores=2,3 or router-mac=MAC; may be given"
            + " again and again. With nfqueue they are for 'magctl datapath dpdk'. All of them:"
            + " 'lbd --datapath dpdk --help'.");
  }

  /**
   * The datapath to begin with, or null for NFQUEUE.
   *
   * @throws IllegalArgumentException if there is no such datapath, or an option of it is wrong
   */
  DatapathSettings settings() {
    String name = value("--datapath");
    return name.equals(DatapathSettings.NFQUEUE) ? null : checked(name);
  }

  /**
   * What can be switched to from NFQUEUE, or null if no options were given for it.
   *
   * @throws IllegalArgumentException as for {@link #settings}
   */
  DatapathSettings standby() {
    String[] options = value("--dpdk");
    return options == null ? null : checked(DatapathSettings.DPDK);
  }

  /** What to show of the datapath that is named, besides its name; empty for NFQUEUE. */
  String usage() {
    String name = value("--datapath");
    return name.equals(DatapathSettings.NFQUEUE)
        ? ""
        : "%nOptions of %s, each as --dpdk NAME=VALUE:%n%n".formatted(name)
            + new DatapathSettings(name, List.of()).usage().indent(2);
  }

  private DatapathSettings checked(String name) {
    String[] options = value("--dpdk");
    DatapathSettings settings =
        new DatapathSettings(name, options == null ? List.of() : List.of(options));
    int ignored = settings.workers(); // what is wrong with the options shows now
    return settings;
  }
}
