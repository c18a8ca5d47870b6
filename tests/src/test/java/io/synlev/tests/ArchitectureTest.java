package io.synlev.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The arrows between the rooms; docs/architecture.md draws them. */
@AnalyzeClasses(packages = "io.synlev", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest static final ArchRule memoryKnowsNobody = room("memory");
  @ArchTest static final ArchRule threadsKnowsNobody = room("threads");
  @ArchTest static final ArchRule hashKnowsNobody = room("hash");
  @ArchTest static final ArchRule maglevKnowsHash = room("maglev", "hash");
  @ArchTest static final ArchRule stateKnowsTables = room("state", "memory", "hash", "maglev");
  @ArchTest static final ArchRule ffiKnowsNobody = room("ffi", "memory");
  @ArchTest static final ArchRule netlinkKnowsFfi = room("netlink", "memory", "ffi");
  @ArchTest static final ArchRule packetKnowsMemory = room("packet", "memory");

  @ArchTest
  static final ArchRule datapathKnowsStateAndPackets = room("datapath", "state", "packet");

  @ArchTest
  static final ArchRule steeringKnowsShmAndPackets =
      room("steering", "memory", "hash", "maglev", "state", "packet", "datapath");

  @ArchTest
  static final ArchRule netfilterKnowsContractsAndFfi =
      room("netfilter", "memory", "ffi", "netlink", "datapath", "packet");

  @ArchTest
  static final ArchRule bpfKnowsContractsAndFfi =
      room("bpf", "memory", "ffi", "netlink", "datapath", "packet").allowEmptyShould(true);

  @ArchTest
  static final ArchRule dpdkKnowsFfi = room("dpdk", "memory", "ffi").allowEmptyShould(true);

  @ArchTest
  static final ArchRule fastpathKnowsDpdkAndSteering =
      room(
              "fastpath",
              "memory",
              "threads",
              "hash",
              "ffi",
              "dpdk",
              "bpf",
              "nat",
              "datapath",
              "packet",
              "steering",
              "state")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule natKnowsNoDpdk =
      room("nat", "memory", "hash", "datapath", "packet", "steering", "state")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule healthKnowsStateAndSockets =
      room("health", "memory", "threads", "ffi", "netlink", "state");

  @ArchTest static final ArchRule controlKnowsState = room("control", "state", "threads");

  @ArchTest static final ArchRule configKnowsState = room("config", "hash", "maglev", "state");

  @ArchTest
  static final ArchRule magctlKnowsNoDatapath =
      room(
          "magctl",
          "memory",
          "hash",
          "maglev",
          "state",
          "packet",
          "steering",
          "datapath",
          "control",
          "config",
          "ffi");

  @ArchTest
  static final ArchRule doctorKnowsNoCommandLine =
      noClasses()
          .that()
          .resideInAnyPackage("io.synlev.magctl.doctor..", "io.synlev.magctl.whynot..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.synlev.magctl", "picocli..");

  @ArchTest
  static final ArchRule onlyHostReadsFilesForTheDoctor =
      noClasses()
          .that()
          .resideInAnyPackage("io.synlev.magctl.doctor..", "io.synlev.magctl.whynot..")
          .and()
          .doNotHaveSimpleName("Host")
          .and()
          .doNotHaveSimpleName("RunningProgram")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.nio.file.Files");

  @ArchTest
  static final ArchRule onlyOnePlaceRunsProgramsForTheDoctor =
      noClasses()
          .that()
          .resideInAnyPackage("io.synlev.magctl.doctor..", "io.synlev.magctl.whynot..")
          .and()
          .doNotHaveSimpleName("RunningProgram")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.ProcessBuilder");

  @ArchTest
  static final ArchRule onlyTheProbeTouchesTheNetwork =
      noClasses()
          .that()
          .resideInAPackage("io.synlev.magctl..")
          .and()
          .resideOutsideOfPackage("io.synlev.magctl.whynot..")
          .and()
          .doNotHaveSimpleName("WhyNotCommand")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.synlev.ffi..");

  @ArchTest
  static final ArchRule daemonKnowsNoDpdk =
      noClasses()
          .that()
          .resideInAPackage("io.synlev.lbd..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.synlev.dpdk..", "io.synlev.fastpath..", "io.synlev.magctl..");

  @ArchTest
  static final ArchRule noCycles =
      SlicesRuleDefinition.slices().matching("io.synlev.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule pureRoomsDoNoInputOrOutput =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.synlev.hash..",
              "io.synlev.maglev..",
              "io.synlev.packet..",
              "io.synlev.steering..",
              "io.synlev.nat..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.io..", "java.nio.file..", "java.nio.channels..", "java.net..");

  @ArchTest
  static final ArchRule onlyConfigKnowsYaml =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.synlev.config..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.snakeyaml..");

  @ArchTest
  static final ArchRule onlyFfiAndMemoryTouchForeignFunctions =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.synlev.ffi..", "io.synlev.netfilter..", "io.synlev.bpf..", "io.synlev.dpdk..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.foreign.Linker");

  /** A room's classes know its own package, the allowed rooms, and nothing else of Synlev. */
  private static ArchRule room(String name, String... allowed) {
    return noClasses()
        .that()
        .resideInAPackage("io.synlev." + name + "..")
        .should()
        .dependOnClassesThat(otherRoomThan(name, allowed))
        .as(name + " depends on nothing of ours but " + String.join(", ", allowed));
  }

  private static DescribedPredicate<JavaClass> otherRoomThan(String own, String[] allowed) {
    return DescribedPredicate.describe(
        "live in another room",
        type -> {
          String[] parts = type.getPackageName().split("\\.");
          if (parts.length < 3 || !type.getPackageName().startsWith("io.synlev.")) {
            return false;
          }
          return !parts[2].equals(own) && !java.util.List.of(allowed).contains(parts[2]);
        });
  }
}
