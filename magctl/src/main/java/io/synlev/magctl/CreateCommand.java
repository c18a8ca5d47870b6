package io.synlev.magctl;

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
      description = "This balancer's own fwmark, if the pool is a tier of balancers.")
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
      description = "How many of COUNT backends are active (4).")
  private int active = SHORT_FORM_ACTIVE;

  @Option(
      names = "--backends",
      arity = "1..*",
      paramLabel = "SPEC",
      description = "Backends to create: " + BackendSpec.HELP)
  private List<String> backends = List.of();

  @Option(names = "--capacity", paramLabel = "N", description = "Room for backends (256).")
  private Integer capacity;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      completionCandidates = Words.Policies.class,
      description = "maglev, or modulo for comparison.")
  private String policy = "maglev";

  @Option(
      names = "--hash",
      paramLabel = "FIELDS",
      completionCandidates = Words.Hashes.class,
      description = "What chooses the slot: the 5-tuple (tuple) or addresses.")
  private String hash = "tuple";

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
                ownFwmark),
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
    return Magctl.DONE;
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
    if (count == null) {
      return BackendSpec.parseAll(backends);
    }
    if (!backends.isEmpty()) {
      throw new UsageException("COUNT and --backends exclude each other: choose one");
    }
    if (count < 0 || count > 65_534) {
      throw new UsageException(count + " backends: choose from 0 to 65534");
    }
    List<BackendSpec> specs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      BackendFields fields = new BackendFields();
      fields.state = i < active ? "active" : "inactive";
      specs.add(new BackendSpec(Integer.toUnsignedString(offset + i), fields));
    }
    return specs;
  }
}
