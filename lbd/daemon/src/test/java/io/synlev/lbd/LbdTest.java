package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.netfilter.QueueOptions;
import io.synlev.state.StateDirectory;
import io.synlev.steering.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LbdTest {
  private static DaemonSettings settings(Map<String, String> environment, String... arguments) {
    return LbdOptions.parse(arguments).settings(environment);
  }

  @Test
  void shouldServeTheDefaultInstanceOnQueueTwoUnlessAskedOtherwise() {
    DaemonSettings settings = settings(Map.of());
    assertEquals(new StateDirectory(Path.of("/dev/shm/synlev"), "default"), settings.directory());
    assertEquals(List.of(QueueOptions.of(2)), settings.queues());
    assertEquals(Outcome.DROP, settings.steering().noService());
  }

  @Test
  void shouldTakeTheInstanceFromTheEnvironmentUnlessGiven() {
    Map<String, String> environment = Map.of("SYNLEV_INSTANCE", "a", "SYNLEV_STATE_DIR", "/x");
    assertEquals(new StateDirectory(Path.of("/x"), "a"), settings(environment).directory());
    assertEquals(
        new StateDirectory(Path.of("/y"), "b"),
        settings(environment, "--instance", "b", "--state-dir", "/y").directory());
  }

  @Test
  void shouldGiveEveryQueueOfARangeTheSameOptions() {
    DaemonSettings settings =
        settings(
            Map.of(),
            ("--queue 0:3 --copy-range 512 --queue-length 100 --receive-buffer 70000 --batch 8"
                    + " --fail-open --no-service mark=0x1f --no-backend mark=7")
                .split(" "));
    assertEquals(4, settings.queues().size());
    assertEquals(
        QueueOptions.of(3)
            .withCopyRange(512)
            .withQueueLength(100)
            .withReceiveBuffer(70_000)
            .withBatch(8)
            .withFailOpen(true),
        settings.queues().getLast());
    assertEquals(Outcome.mark(31), settings.steering().noService());
    assertEquals(Outcome.mark(7), settings.steering().noBackend());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--queue x",
        "--queue 3:1",
        "--queue -1",
        "--queue 65536",
        "--queue 0:16",
        "--copy-range 1",
        "--batch 0",
        "--batch many",
        "--no-service maybe",
        "--fragment-queue 2",
        "--fragment-queue 3 --tun a/b",
        "--tier-interface tier0",
        "--fragment-queue 3 --tier-interface a/b",
        "--fragment-queue 3 --tier-interface synlev0",
        "--fragment-queue 3 --fragment-table 15",
        "--fragment-queue 3 --fragment-life 60001",
        "--no-service mark=0",
        "--no-service mark=",
        "--no-backend accept",
        "--log-level loud",
        "--offload sometimes",
        "--unknown",
        "surplus"
      })
  void shouldAnswerWrongUsageWithTheValueAndExitCodeTwo(String arguments) {
    assertUsage(arguments.split(" "), arguments.substring(arguments.lastIndexOf(' ') + 1));
  }

  /** What carries packets is found at run time, and lbd is built without. */
  @Test
  void shouldSayWhenADatapathIsNotInstalled() {
    LbdOptions begin = LbdOptions.parse("--datapath", "dpdk", "--dpdk", "port=net_null0");
    LbdOptions later = LbdOptions.parse("--dpdk", "port=net_null0");
    for (LbdOptions options : List.of(begin, later)) {
      IllegalArgumentException missing =
          assertThrows(IllegalArgumentException.class, () -> options.settings(Map.of()));
      assertTrue(missing.getMessage().contains("no datapath 'dpdk' is installed"));
    }
  }

  /** That arguments are refused as wrong usage, with these parts in the message. */
  static void assertUsage(String[] arguments, String... parts) {
    PrintStream stderr = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertEquals(Lbd.USAGE, Lbd.run(arguments, Map.of(), new Ending()));
    } finally {
      System.setErr(stderr);
    }
    String text = said.toString(StandardCharsets.UTF_8);
    assertTrue(text.startsWith("lbd: "), text);
    for (String part : parts) {
      assertTrue(text.contains(part), () -> "no '" + part + "' in: " + text);
    }
    assertTrue(text.endsWith("'lbd --help' explains the options.\n"), text);
  }

  @Test
  void shouldBeInATierWhereOtherBalancersAreReached() {
    FragmentSettings fragments =
        settings(
                Map.of(),
                "--fragment-queue",
                "3",
                "--tier-interface",
                "lb2,lb3",
                "--tier-interface",
                "lb4")
            .fragments();
    assertEquals(List.of("lb2", "lb3", "lb4"), fragments.tierInterfaces());
    assertTrue(fragments.options().tier());
  }

  @Test
  void shouldCopyFragmentsWholeOnQueuesOfTheirOwn() {
    DaemonSettings settings =
        LbdOptions.parse("--fragment-queue", "4:5", "--fragment-life", "300", "--tun", "t9")
            .settings(Map.of());
    assertEquals(3, settings.workers());
    assertEquals(QueueOptions.DEFAULT_COPY_RANGE, settings.queues().getFirst().copyRange());
    QueueOptions last = settings.fragments().queues().getLast();
    assertEquals(5, last.queue());
    assertEquals(65531, last.copyRange());
    assertEquals("t9", settings.fragments().tun());
    assertEquals(300_000_000, settings.fragments().options().lifeNanos());
    assertEquals(List.of(), settings.fragments().tierInterfaces());
    assertFalse(settings.fragments().options().tier());
    assertEquals(null, LbdOptions.parse().settings(Map.of()).fragments());
  }

  @Test
  void shouldExplainEveryOptionWithItsDefault() {
    String help = LbdOptions.parse("--help").help();
    assertTrue(help.contains("--queue=N|N:M") && help.contains("(2)"), help);
    assertTrue(help.contains("Examples:") && help.contains("Exit codes: 0 done"), help);
  }

  @Test
  void shouldReadMarksUpTo32Bits() {
    assertEquals(Outcome.mark(0xffff_ffff), Outcome.parse("mark=0xffffffff"));
    assertEquals("mark=0xffffffff", Outcome.mark(-1).text());
    assertThrows(IllegalArgumentException.class, () -> Outcome.parse("mark=0x100000000"));
  }

  @Test
  void shouldReadTheCapabilityFromTheKernelsLine() {
    assertTrue(Capabilities.hasNetAdmin("CapEff:\t0000000000001000"));
    assertTrue(Capabilities.hasNetAdmin("CapEff:\tffffffffffffffff"));
    assertTrue(!Capabilities.hasNetAdmin("CapEff:\tffffffffffffefff"));
  }
}
