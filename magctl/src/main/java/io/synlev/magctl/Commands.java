package io.synlev.magctl;

import java.util.ArrayList;
import java.util.List;

/** All commands: their words, what each is for, and how to make one without loading the others. */
final class Commands {
  /** Words and purpose, in the order of the overview. */
  static final String[][] ALL = {
    {"create", "Create a pool, and its instance if there is none"},
    {"show", "Show pools, backends, shares of slots and services"},
    {"show datapath", "Show what carries the packets, and how the last switch went"},
    {"datapath", "Have packets come by the kernel's queues, or by DPDK"},
    {"activate", "Let backends take new flows"},
    {"deactivate", "Let backends take no new flows"},
    {"drain", "Let the flows of backends end, then make them inactive"},
    {"backend add", "Add backends to a pool"},
    {"backend set", "Change weight, addresses, fwmark or state of backends"},
    {"backend remove", "Remove backends from a pool"},
    {"backend list", "List the backends of a pool"},
    {"service add", "Let clients reach a pool at virtual IPs"},
    {"service set", "Change a service"},
    {"service remove", "Remove services"},
    {"service list", "List the services"},
    {"service check", "Find services that are hidden or share packets"},
    {"health set", "Have the backends of a pool checked"},
    {"health show", "Show what health checks know"},
    {"health remove", "Have the backends of a pool checked no longer"},
    {"apply", "Make the instance what a configuration file says"},
    {"diff", "Show what a configuration file would change"},
    {"export", "Print the instance as a configuration file"},
    {"lookup", "Show which backend a flow gets, and why"},
    {"explain", "Show what is decided about a packet or a capture, and every step"},
    {"trace", "Show decisions as lbd makes them"},
    {"capture", "Write packets with their decisions to a pcapng file"},
    {"flows list", "List the flows that tc or dpdk carries"},
    {"flows count", "Count the flows that tc or dpdk carries, by backend"},
    {"flows flush", "Forget flows that tc or dpdk carries: their next packet is a new flow's"},
    {"stats", "Show what was decided about packets, by reason, backend and worker"},
    {"doctor", "Look for what keeps packets from their backends"},
    {"why-not", "Send a packet to a VIP and say where it ended"},
    {"delete", "Delete pools, or with --all the whole instance"},
    {"clean", "Delete the instance and all its pools"},
    {"version", "Show the version"},
    {"completion", "Print the completion script for bash"},
  };

  private Commands() {}

  static boolean isGroup(String word) {
    return word.equals("backend")
        || word.equals("service")
        || word.equals("health")
        || word.equals("flows");
  }

  /** Whether a word is a command by itself, and begins another one with this second word. */
  static boolean goesOn(String word, String second) {
    return word.equals("show") && second.equals("datapath");
  }

  /** Makes a command; null if the words name a group. */
  static BaseCommand create(String words, Context context) {
    return switch (words) {
      case "create" -> new CreateCommand(context);
      case "show" -> new ShowCommand(context);
      case "show datapath" -> new ShowDatapathCommand(context);
      case "datapath" -> new DatapathCommand(context);
      case "activate" -> new ActivateCommand(context);
      case "deactivate" -> new DeactivateCommand(context);
      case "drain" -> new DrainCommand(context);
      case "backend add" -> new BackendAddCommand(context);
      case "backend set" -> new BackendSetCommand(context);
      case "backend remove" -> new BackendRemoveCommand(context);
      case "backend list" -> new BackendListCommand(context);
      case "service add" -> new ServiceAddCommand(context);
      case "service set" -> new ServiceSetCommand(context);
      case "service remove" -> new ServiceRemoveCommand(context);
      case "service check" -> new ServiceCheckCommand(context);
      case "service list" -> new ServiceListCommand(context);
      case "health set" -> new HealthSetCommand(context);
      case "health show" -> new HealthShowCommand(context);
      case "health remove" -> new HealthRemoveCommand(context);
      case "apply" -> new ApplyCommand(context);
      case "diff" -> new DiffCommand(context);
      case "export" -> new ExportCommand(context);
      case "lookup" -> new LookupCommand(context);
      case "explain" -> new ExplainCommand(context);
      case "trace" -> new TraceCommand(context);
      case "capture" -> new CaptureCommand(context);
      case "flows list" -> new FlowsListCommand(context);
      case "flows count" -> new FlowsCountCommand(context);
      case "flows flush" -> new FlowsFlushCommand(context);
      case "stats" -> new StatsCommand(context);
      case "doctor" -> new DoctorCommand(context);
      case "why-not" -> new WhyNotCommand(context);
      case "delete" -> new DeleteCommand(context);
      case "clean" -> new CleanCommand(context);
      case "version" -> new VersionCommand(context);
      case "completion" -> new CompletionCommand(context);
      default -> null;
    };
  }

  /**
   * Checks that there is such a command.
   *
   * @throws UsageException if not; the message says which is meant
   */
  static void require(String words) {
    List<String> known = new ArrayList<>();
    for (String[] command : ALL) {
      if (command[0].equals(words)) {
        return;
      }
      known.add(command[0]);
    }
    known.add("backend");
    known.add("service");
    known.add("health");
    known.add("flows");
    String hint = Suggestions.didYouMean(words, known);
    throw new UsageException(
        "there is no command '"
            + words
            + "'"
            + (hint.isEmpty() ? ": 'magctl --help' lists them" : hint));
  }
}
