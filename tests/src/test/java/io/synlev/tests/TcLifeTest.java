package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.KernelQueue;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.PacketCounter;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TcRequirements;
import io.synlev.tests.support.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Daemons come and go; the tc program goes on, until it is removed. */
@ExtendWith({Requirements.class, TcRequirements.class})
class TcLifeTest {
  private static final int RESTARTS = 10;
  private static final int HELD = 200;
  private static final int FLOWS = 400;
  private static final String SINK_PORT = "5003";

  /** The program is replaced at each start, and the maps are taken over. */
  @Test
  void shouldLoseNothingOfKnownFlowsWhenTheDaemonIsRestarted() {
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 4)) {
      Daemon daemon = bed.balancer().tcDaemon("redirect");
      bed.balancer().installForTc(ReturnMode.DIRECT);
      List<RunningCommand> sinks = startSinks(bed.lab());
      final RunningCommand held = bed.client(Family.IPV6).hold(HELD, "--interval", "0.1");
      Json known = Client.end(datagrams(bed.lab(), "--pps", "2000", "--count", "" + 2 * FLOWS));
      final long queued = KernelQueue.total(bed.lab());
      RunningCommand load = datagrams(bed.lab(), "--run", "2", "--pps", "50000", "--burst", "16");
      assertEquals(queued, KernelQueue.total(bed.lab()));
      for (int i = 0; i < RESTARTS; i++) {
        assertEquals(0, daemon.stop().exit(), daemon.log());
        daemon = bed.balancer().tcDaemon("redirect");
      }
      Json sent = Client.stop(load);
      assertEquals(0, KernelQueue.total(bed.lab()), "user space saw none of it");
      long received = 0;
      for (RunningCommand sink : sinks) {
        Json report = Client.stop(sink);
        // Those of the first run are foreign to it.
        received += report.number("received") + report.number("dropped_here");
      }
      assertEquals(sent.number("sent"), received, () -> known + " " + sent);
      TcFates.assertAllKept(HELD, held);
      Json arrivals = bed.client(Family.IPV4).tcp("--count", "100");
      assertEquals(0, arrivals.number("failed"), arrivals::toString);
    }
  }

  private static List<RunningCommand> startSinks(Lab lab) {
    List<RunningCommand> sinks = new ArrayList<>();
    for (String node : lab.servers()) {
      sinks.add(lab.start(node, Lab.peer("udpsink"), "--run", "2", "--port", SINK_PORT));
      Await.until(
          "the sink listens",
          () -> lab.run(node, "ss", "-H", "-lnu").out().contains(":" + SINK_PORT));
    }
    return sinks;
  }

  /** Datagrams of the same {@link #FLOWS} flows in each run. */
  private static RunningCommand datagrams(Lab lab, String... options) {
    Family family = Family.IPV4;
    List<String> command = new ArrayList<>(List.of(Lab.peer("udpload"), "--ports", "1"));
    command.addAll(List.of("--from", family.sources(), "--sources", "" + FLOWS));
    command.addAll(List.of("--first-port", "20000"));
    command.addAll(List.of(options));
    command.addAll(List.of(family.vip(), SINK_PORT));
    return lab.start(Lab.CLIENT, command.toArray(String[]::new));
  }

  @Test
  void shouldCarryKnownFlowsWhileAKilledDaemonIsDead() {
    try (TestBed bed = TestBed.with(ReturnMode.DIRECT, 4)) {
      Client client = bed.client(Family.IPV4);
      PacketCounter arrived = PacketCounter.start(bed.lab(), Family.IPV4, "arrived");
      Daemon first = bed.balancer().tcDaemon("mark");
      bed.balancer().installForTc(ReturnMode.DIRECT);
      RunningCommand held = client.hold(HELD, "--interval", "0.1");

      first.kill();
      long whenKilled = arrived.packets();
      // Three rounds of questions and the acknowledgements of their answers.
      long rounds = 3 * HELD * 2;
      Await.until("held connections go on", () -> arrived.packets() - whenKilled > rounds);
      bed.balancer().magctl("deactivate", "s1").orFail();

      Daemon second = bed.balancer().tcDaemon("mark");
      long whenBack = arrived.packets();
      Await.until("held connections go on", () -> arrived.packets() - whenBack > rounds);
      assertEquals(0, KernelQueue.total(bed.lab()), "it knows the flows of the first");
      assertTrue(second.flows().number("flows") >= HELD);
      Json arrivals = client.tcp("--count", "100");
      assertEquals(0, arrivals.number("failed"), arrivals::toString);
      assertFalse(arrivals.numbers("servers").containsKey("s1"), arrivals::toString);
      Json fates = TcFates.assertAllKept(HELD, held);
      assertTrue(fates.numbers("servers_open").containsKey("s1"), fates::toString);
    }
  }

  /**
   * On one interface somebody else has a clsact qdisc with a filter, on the other there is none.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldLeaveNothingButWhatOthersHad(boolean isKilled) throws IOException {
    try (TestBed bed = TestBed.with(ReturnMode.ROUTED, 2)) {
      Lab lab = bed.lab();
      lab.run(Lab.LB, ("tc qdisc add dev client clsact").split(" ")).orFail();
      for (String side : new String[] {"ingress", "egress"}) {
        String filter = "pref 5 protocol ip u32 match ip protocol 99 0xff flowid 1:1";
        lab.run(Lab.LB, ("tc filter add dev client " + side + " " + filter).split(" ")).orFail();
      }
      final String before = trafficControl(lab);
      Path run = Path.of("/run/synlev-lab", lab.name(), "run", Lab.LB);

      Daemon daemon = bed.balancer().daemon("--offload", "tc", "--offload-interface", "client,s1");
      bed.balancer().installForTc(ReturnMode.ROUTED);
      assertEquals(0, bed.client(Family.IPV4).tcp("--count", "20").number("failed"));
      assertTrue(daemon.program("hit-mark") > 0);
      assertNotEquals(before, trafficControl(lab));
      if (isKilled) {
        daemon.kill();
      } else {
        assertEquals(0, daemon.stop().exit());
      }
      assertNotEquals(before, trafficControl(lab), "known flows are carried on");
      assertTrue(mounts().contains(run.toString()));

      bed.balancer().rules("remove").orFail();
      assertEquals(before, trafficControl(lab));
      assertFalse(mounts().contains(run.toString()), mounts());
      try (var left = Files.exists(run) ? Files.list(run) : java.util.stream.Stream.<Path>of()) {
        assertEquals(List.of(), left.toList());
      }
    }
  }

  private static String mounts() throws IOException {
    return Files.readString(Path.of("/proc/self/mounts"));
  }

  private static String trafficControl(Lab lab) {
    StringBuilder all = new StringBuilder();
    for (String device : new String[] {"client", "s1"}) {
      all.append(lab.run(Lab.LB, "tc", "qdisc", "show", "dev", device).orFail().out());
      for (String side : new String[] {"ingress", "egress"}) {
        all.append(lab.run(Lab.LB, "tc", "filter", "show", "dev", device, side).out());
      }
    }
    return all.toString();
  }
}
