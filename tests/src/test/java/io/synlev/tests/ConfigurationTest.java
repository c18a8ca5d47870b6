package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.config.Application;
import io.synlev.config.ConfigFile;
import io.synlev.control.ControlClient;
import io.synlev.state.Replacement;
import io.synlev.state.StateDirectory;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.KernelQueue;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TestBed;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Everything is replaced again and again while clients connect. */
@ExtendWith(Requirements.class)
class ConfigurationTest {
  private static final int CHANGES = 200;

  /** What {@code magctl create} of the test bed made, in a pool that each change makes anew. */
  private static String version(int number) {
    StringBuilder text = new StringBuilder("version: 1\npools:\n  pool");
    text.append(number % 2).append(":\n    slots: ").append(number % 3 == 0 ? 997 : 1009);
    text.append("\n    backends:\n");
    for (int i = 1; i <= 4; i++) {
      text.append(
          "      s%d: {fwmark: %d, ipv4: %s, ipv6: \"%s\", state: %s}%n"
              .formatted(
                  i,
                  i,
                  Family.IPV4.server(i),
                  Family.IPV6.server(i),
                  (i <= 2) == (number % 2 == 0) ? "active" : "inactive"));
    }
    text.append("services:\n");
    for (Family family : Family.values()) {
      text.append(
          "  %s: {vips: \"%s\", pool: pool%d}%n"
              .formatted(family.name(), family.vipPrefix(), number % 2));
    }
    return text.toString();
  }

  private static void apply(StateDirectory directory, int number) {
    ConfigFile file = ConfigFile.parse("version " + number, Path.of("/"), version(number));
    Application application = new Application(file, directory);
    application.run(Replacement.Progress.NONE);
    assertTrue(application.changed());
    ControlClient.ask(directory, "sync", Map.of());
  }

  /**
   * Each change deletes the pool, makes another of the other name with the other half of the
   * servers, and points both services there. Were a part of it seen alone, connections would fail:
   * a service without a pool, or a pool without servers.
   */
  @Test
  void shouldReplaceEverythingWithoutAClientNoticing() {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 4)) {
      StateDirectory directory = bed.balancer().directory();
      bed.balancer().daemon();
      bed.balancer().install(ReturnMode.ROUTED, Redirect.SYN_ONLY);
      Client client = bed.client(Family.IPV6);
      RunningCommand held = client.hold(200, "--interval", "0.1");
      RunningCommand newcomers =
          client.startTcp("--count", "100000000", "--rate", "500", "--timeout", "20");
      for (int change = 1; change <= CHANGES; change++) {
        apply(directory, change);
      }
      Json arrivals = Client.stop(newcomers);
      assertEquals(0, arrivals.number("failed"), arrivals::toString);
      Json fates = Client.stop(held);
      assertEquals(200, fates.number("open"), fates::toString);
      assertEquals(0, fates.number("broken"), fates::toString);
      assertEquals(0, fates.number("changed"), fates::toString);
      assertEquals(0, KernelQueue.lost(bed.lab()));
    }
  }
}
