package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.AdminState;
import io.synlev.state.Instance;
import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TcRequirements;
import io.synlev.tests.support.TestBed;
import io.synlev.tests.support.UdpFlow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pool changes while tc carries flows. */
@ExtendWith({Requirements.class, TcRequirements.class})
class TcPoolChangesTest {
  private static final int CHANGES = 100;
  private static final int HELD = 300;
  private static final Set<String> EVEN = Set.of("s2", "s4");

  /** Each change hands all new flows from one half of the servers to the other. */
  @ParameterizedTest
  @CsvSource({"mark, IPV4", "redirect, IPV6"})
  void shouldKeepEstablishedConnectionsWhereTheyAre(String mode, Family family) {
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 5);
        Instance instance = Instance.open(bed.balancer().directory())) {
      Daemon daemon = bed.balancer().tcDaemon(mode);
      bed.balancer().installForTc(ReturnMode.DIRECT);
      Client client = bed.client(family);
      RunningCommand held = client.hold(HELD, "--interval", "0.1");
      RunningCommand newcomers =
          client.startTcp("--count", "100000000", "--rate", "1000", "--timeout", "20");
      for (int change = 1; change <= CHANGES; change++) {
        boolean isEven = change % 2 == 0;
        instance.updatePool(
            "default",
            backends ->
                backends.stream()
                    .map(each -> each.with(state(isEven == EVEN.contains(each.name()))))
                    .toList());
        long before = daemon.packets();
        Await.until("newcomers", () -> daemon.packets() - before >= 5);
      }
      Json arrivals = Client.stop(newcomers);
      assertEquals(0, arrivals.number("failed"), arrivals::toString);
      TcFates.assertAllKept(HELD, held);
      assertEquals(0, daemon.decided("followed-flow"), "user space had to follow none");
    }
  }

  private static AdminState state(boolean isActive) {
    return isActive ? AdminState.ACTIVE : AdminState.INACTIVE;
  }

  @ParameterizedTest
  @ValueSource(strings = "redirect")
  void shouldMoveTheFlowsOfARemovedBackendOnly(String mode) {
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 4)) {
      Daemon daemon = bed.balancer().tcDaemon(mode);
      bed.balancer().installForTc(ReturnMode.DIRECT);
      List<UdpFlow> flows = new ArrayList<>();
      List<String> servers = new ArrayList<>();
      try {
        for (Family family : Family.values()) {
          for (int i = 1; i <= 20; i++) {
            flows.add(UdpFlow.open(bed.lab(), family, family.source(i)));
            servers.add(flows.getLast().ask(100));
          }
        }
        final String removed = servers.getFirst();
        final long decided = daemon.packets();
        bed.balancer().magctl("backend", "remove", removed).orFail();
        int moved = 0;
        for (int i = 0; i < flows.size(); i++) {
          String now = flows.get(i).ask(100);
          if (servers.get(i).equals(removed)) {
            assertNotEquals(removed, now);
            assertEquals(now, flows.get(i).ask(100));
            moved++;
          } else {
            assertEquals(servers.get(i), now);
          }
        }
        assertTrue(moved < flows.size(), "others stayed");
        assertEquals(moved, daemon.program("miss-stale"));
        assertEquals(moved, daemon.packets() - decided, "user space saw those once more");
      } finally {
        flows.forEach(UdpFlow::close);
      }
    }
  }
}
