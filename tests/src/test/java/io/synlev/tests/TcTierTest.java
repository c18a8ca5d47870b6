package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Balancer;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.Servers;
import io.synlev.tests.support.TcRequirements;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A router gives the flows of one balancer to another, and back. */
@ExtendWith({Requirements.class, TcRequirements.class})
class TcTierTest {
  private static final int HELD = 200;
  private static final String SEED = "000102030405060708090a0b0c0d0e0f";

  private Lab lab;

  @ParameterizedTest
  @CsvSource({"redirect, IPV6"})
  void shouldKeepConnectionsThatMoveBetweenBalancers(String mode, Family family) {
    try (Lab made = Lab.up(ReturnMode.DIRECT, 4, "--balancers", "2");
        Balancer one = Balancer.on(made, "lb1").create("--seed", SEED);
        Balancer two = Balancer.on(made, "lb2").create("--seed", SEED)) {
      lab = made;
      Servers.startPeers(lab);
      Daemon first = start(one, mode);
      Daemon second = start(two, mode);
      allTo(1, family);
      RunningCommand held = new Client(lab, family).hold(HELD, "--interval", "0.1");
      assertEquals(HELD, first.packets());
      assertEquals(0, second.packets());

      allTo(2, family);
      waitForRounds(second, mode);
      long asked = second.packets();
      // Two of a flow may arrive before the first is decided.
      assertTrue(asked >= HELD && asked <= 3 * HELD, "" + asked);

      // Each knows all flows by now, so the table does not matter any more.
      for (Balancer balancer : new Balancer[] {one, two}) {
        balancer.magctl("deactivate", "s1").orFail();
      }
      allTo(1, family);
      waitForRounds(first, mode);
      allTo(2, family);
      waitForRounds(second, mode);
      assertEquals(HELD, first.packets(), "user space of the first was not asked again");
      assertEquals(asked, second.packets(), "nor that of the second");
      Json fates = TcFates.assertAllKept(HELD, held);
      assertTrue(fates.numbers("servers_open").containsKey("s1"), fates::toString);
    }
  }

  private static Daemon start(Balancer balancer, String mode) {
    Daemon daemon = balancer.tcDaemon(mode);
    balancer.installForTc(ReturnMode.DIRECT);
    return daemon;
  }

  /** Three questions on each connection, and the acknowledgements of the answers. */
  private static void waitForRounds(Daemon daemon, String mode) {
    long before = daemon.program("hit-" + mode);
    Await.until("traffic is carried", () -> daemon.program("hit-" + mode) - before > 3 * 2 * HELD);
  }

  private void allTo(int balancer, Family family) {
    String ip = family == Family.IPV4 ? "ip -4" : "ip -6";
    String route = " route replace " + family.vipPrefix() + " via " + family.onLink(6, balancer);
    lab.run(Lab.ECMP, (ip + route).split(" ")).orFail();
  }
}
