package io.synlev.magctl;

import io.synlev.maglev.MaglevTable;
import io.synlev.maglev.TableSize;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Creates a pool. What is done is in {@link PoolCreation}; here is what was asked. */
@Command(
    name = "create",
    description = {
      "Create a pool, and its instance if there is none.",
      "With COUNT, backends are named by their fwmarks and the first four are active."
    })
final class CreateCommand extends PoolCommand {
  /** How many backends of the short form start active, as in the program it comes from. */
  private static final int SHORT_FORM_ACTIVE = 4;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "SLOTS",
      description = "Size of the table (65537); the next prime below is taken.")
  private Integer slots;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "COUNT",
      description = "Create this many backends.")
  private Integer count;

  @Option(names = "--slots", paramLabel = "N", description = "The same as SLOTS.")
  private Integer slotsOption;

  @Option(
      names = {"-i", "--own-fwmark"},
      paramLabel = "N",
      converter = Converters.Mark.class,
      description = "This balancer's own fwmark: makes the pool the tier of balancers.")
  private int ownFwmark;

  @Option(
      names = "--offset",
      paramLabel = "N",
      converter = Converters.Mark.class,
      description = "The first fwmark to give out (1).")
  private int offset = 1;

  @Option(
      names = "--active",
      paramLabel = "N",
      description = "How many of the COUNT backends are active (4; all with --backends COUNT).")
  private Integer active;

  @Option(
      names = "--backends",
      arity = "1..*",
      paramLabel = "SPEC",
      description = "How many backends to create, or which: " + BackendSpec.HELP)
  private List<String> backends = List.of();

  @Option(names = "--capacity", paramLabel = "N", description = "Room for backends (256).")
  private Integer capacity;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      completionCandidates = Words.Policies.class,
      description =
          "maglev; modulo for comparison; or, for the DPDK datapath, round-robin or"
              + " least-connections.")
  private String policy = "maglev";

  @Option(
      names = "--hash",
      paramLabel = "FIELDS",
      completionCandidates = Words.Hashes.class,
      description = "What chooses the slot: the 5-tuple (tuple) or addresses.")
  private String hash = "tuple";

  @Option(
      names = "--forwarding",
      paramLabel = "WAY",
      completionCandidates = Words.Forwardings.class,
      description =
          "How the DPDK datapath reaches the backends: by their MACs (l2dsr), in a tunnel to their"
              + " addresses (ipip), or translated to them and back (nat).")
  private String forwarding = "l2dsr";

  @Option(
      names = "--vip",
      arity = "1..*",
      split = ",",
      paramLabel = "PREFIX",
      converter = Converters.Vip.class,
      description = "Create a service of the pool's name with these virtual IPs.")
  private List<Prefix> vips = List.of();

  @Option(
      names = "--mark-mask",
      paramLabel = "MASK",
      converter = Converters.Mark.class,
      description = "The bits of the packet mark that are ours (0xffff).")
  private Integer markMask;

  @Option(
      names = "--seed",
      paramLabel = "HEX",
      description =
          "The secret, equal on all balancers of a tier. Others see it in ps: prefer "
              + "--seed-file or SYNLEV_SEED. Random if not given.")
  private String seed;

  @Option(names = "--seed-file", paramLabel = "FILE", description = "A file with the secret.")
  private Path seedFile;

  @Option(
      names = "--group",
      paramLabel = "NAME",
      description = "The group whose members may use the control socket.")
  private String group;

  CreateCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    int wantedSlots = wantedSlots();
    List<BackendSpec> specs = specs();
    PoolCreation creation =
        new PoolCreation(
            directory(),
            SeedSource.find(seed, seedFile, context),
            markMask,
            group,
            new PoolSettings(
                pool,
                TableSize.atMost(wantedSlots),
                capacity == null ? Math.max(PoolSettings.DEFAULT_CAPACITY, specs.size()) : capacity,
                Words.policy(policy),
                Words.hashOn(hash),
                ownFwmark,
                Words.forwarding(forwarding)),
            specs,
            offset,
            vips.isEmpty() ? null : new Service(pool, pool, vips));
    try (Progress _ = Progress.on(console(), "building the table")) {
      creation.run();
    }
    CreateReport report = new CreateReport(creation, wantedSlots);
    if (json) {
      printJson(report.json());
    } else {
      console().print(report.text());
    }
    return creation.confirmation().exitCode(console());
  }

  private int wantedSlots() {
    if (slots != null && slotsOption != null) {
      throw new UsageException("SLOTS is given twice, as " + slots + " and --slots " + slotsOption);
    }
    int wanted = slots != null ? slots : slotsOption != null ? slotsOption : TableSize.DEFAULT;
    if (wanted < TableSize.MINIMUM || wanted > TableSize.MAXIMUM) {
      throw new UsageException(
          "a table of "
              + wanted
              + " slots: choose from "
              + TableSize.MINIMUM
              + " to "
              + TableSize.MAXIMUM);
    }
    return wanted;
  }

  private List<BackendSpec> specs() {
    if (count != null && !backends.isEmpty()) {
      throw new UsageException("COUNT and --backends exclude each other: choose one");
    }
    if (count != null) {
      return numbered(count, active == null ? SHORT_FORM_ACTIVE : active);
    }
    if (backends.size() == 1 && isNumber(backends.getFirst())) {
      int all = Integer.parseInt(backends.getFirst());
      return numbered(all, active == null ? all : active);
    }
    if (active != null) {
      throw new UsageException("--active needs a COUNT: say state=inactive behind names instead");
    }
    return BackendSpec.parseAll(backends);
  }

  private static boolean isNumber(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (word.charAt(i) < '0' || word.charAt(i) > '9') {
        return false;
      }
    }
    // Longer ones are no counts; as names they are refused with a better message.
    return word.length() <= 9;
  }

  /** Backends that are named by their fwmarks: then nobody has to ask which of the two is meant. */
  private List<BackendSpec> numbered(int backends, int activeOnes) {
    if (backends < 0 || backends > MaglevTable.MAX_BACKENDS) {
      throw new UsageException(
          backends + " backends: choose from 0 to " + MaglevTable.MAX_BACKENDS);
    }
    List<BackendSpec> specs = new ArrayList<>();
    for (int i = 0; i < backends; i++) {
      BackendFields fields = new BackendFields();
      fields.state = i < activeOnes ? "active" : "inactive";
      specs.add(new BackendSpec(Integer.toUnsignedString(offset + i), fields));
    }
    return specs;
  }
}
