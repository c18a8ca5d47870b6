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
        "What carries the packets: nfqueue (the kernel; all options about queues are its), or dpdk"
            + " (this process, see docs/dpdk.md)");
    addEach(
        "--dpdk",
        "NAME=VALUE",
        "An option of dpdk, such as port=0000:03:00.0, cores=2,3 or router-mac=MAC; may be given"
            + " again and again.");
  }

  /**
   * The datapath, or null for NFQUEUE.
   *
   * @throws IllegalArgumentException if the options do not fit the name
   */
  DatapathSettings settings() {
    String name = value("--datapath");
    String[] options = value("--dpdk");
    if (!name.equals(DatapathSettings.NFQUEUE)) {
      DatapathSettings settings =
          new DatapathSettings(name, options == null ? List.of() : List.of(options));
      int ignored = settings.workers(); // what is wrong with the options shows now
      return settings;
    }
    if (options != null) {
      throw new IllegalArgumentException("--dpdk " + options[0] + " needs --datapath dpdk");
    }
    return null;
  }
}
