package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has a running lbd carry packets another way. */
@Command(
    name = "datapath",
    description = {
      "Have the lbd that runs take packets from the kernel's queues (nfqueue), or from ports that"
          + " DPDK drives (dpdk). Pools, services, health checks and drains are not touched, and the"
          + " former datapath serves until the other one can; if that does not begin, it serves on.",
      "docs/dpdk-switching.md says which flows keep their backends."
    },
    footer = {
      "",
      "Examples:",
      "  magctl datapath dpdk                  with the options that lbd was given",
      "  magctl datapath dpdk --dpdk port=net_af_xdp0,iface=eth0 \\",
      "    --dpdk own-ipv4=10.1.0.2/24         with these instead",
      "  magctl datapath nfqueue               back",
      "  magctl show datapath                  what serves, and how it went"
    })
final class DatapathCommand extends InstanceCommand {
  private static final long TURN_NANOS = 20_000_000;

  @Parameters(
      arity = "1",
      paramLabel = "nfqueue|dpdk",
      description = "What is to carry the packets.")
  private String to;

  @Option(
      names = "--dpdk",
      paramLabel = "NAME=VALUE",
      description = {
        "An option of dpdk, as lbd takes them; again and again. Any replaces all that lbd was given"
            + " before."
      })
  private List<String> options = new ArrayList<>();

  DatapathCommand(Context context) {
    super(context);
  }

  @Override
  boolean setValue(String option, String value) {
    if (option.equals("--dpdk")) {
      options.add(value);
      return true;
    }
    return super.setValue(option, value);
  }

  @Override
  boolean setWords(List<String> words) {
    to = words.isEmpty() ? null : words.getFirst();
    return words.size() == 1;
  }

  @Override
  int call() {
    if (!to.equals("nfqueue") && !to.equals("dpdk")) {
      throw new UsageException("'" + to + "' is no datapath: write nfqueue or dpdk");
    }
    try (Instance instance = open()) {
      Map<?, ?> answer =
          DaemonAnswer.of(instance, "datapath.switch", Map.of("to", to, "options", options));
      if (!Boolean.TRUE.equals(answer.get("isSwitching"))) {
        return served();
      }
      return report(await(instance));
    }
  }

  private int served() {
    if (json) {
      printJson(Json.object("datapath", to, "changed", false));
    } else {
      println(to + " served before");
    }
    return Magctl.DONE;
  }

  private DatapathAnswer await(Instance instance) {
    try (Progress progress = Progress.on(console(), "preparing " + to)) {
      while (true) {
        DatapathAnswer now = DatapathAnswer.ask(instance);
        if (now.step() == null) {
          return now;
        }
        progress.say(now.step());
        LockSupport.parkNanos(TURN_NANOS);
      }
    }
  }

  private int report(DatapathAnswer now) {
    boolean isDone = now.failure() == null;
    if (json) {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("datapath", now.datapath());
      members.put("changed", isDone);
      members.put("switch", now.lastSwitch());
      printJson(members);
    } else if (isDone) {
      println(DatapathText.outcome(now.lastSwitch()));
    }
    if (!isDone) {
      console().error(DatapathText.outcome(now.lastSwitch()) + "; " + now.datapath() + " serves");
    }
    return isDone ? Magctl.DONE : Magctl.FAILED;
  }
}
