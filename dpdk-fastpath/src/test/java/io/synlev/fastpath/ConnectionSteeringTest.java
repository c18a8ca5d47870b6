package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.Reason;
import io.synlev.packet.IpProtocol;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.MacAddress;
import io.synlev.state.Policy;
import io.synlev.steering.FlowNumbers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Established flows keep their backend, whatever becomes of pools and services. */
class ConnectionSteeringTest {

  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int ACK = 16;

  @TempDir Path directory;
  private ConnectionBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new ConnectionBed(directory, 0);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private static byte[] tcp(int client, int flags) {
    return Frame.of("10.7.0." + client, "192.0.2.1").tcpFlags(flags).bytes();
  }

  private static List<byte[]> flows(int flags) {
    List<byte[]> frames = new ArrayList<>();
    for (int client = 0; client < 100; client++) {
      frames.add(tcp(client, flags));
      frames.add(Frame.of("2001:db8:7::" + (client + 1), "2001:db8:1::1").udp().bytes());
    }
    return frames;
  }

  private List<Backend> allBut(List<Backend> backends, String name) {
    return backends.stream().filter(backend -> !backend.name().equals(name)).toList();
  }

  private Backend named(String name) {
    return bed.instance.snapshot("web").backends().stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private String nameOf(int mark) {
    return "web" + (mark - ConnectionBed.MARK);
  }

  @Test
  void shouldKeepFlowsWhenThePoolChanges() {
    int[] before = bed.marks(0, flows(SYN));
    bed.instance.updatePool(
        "web",
        backends ->
            backends.stream()
                .map(
                    b ->
                        b.with(
                            b.name().equals("web0")
                                ? AdminState.ACTIVE
                                : b.name().equals("web1")
                                    ? AdminState.DRAINING
                                    : AdminState.INACTIVE))
                .toList());
    assertArrayEquals(before, bed.marks(0, flows(ACK)));
    assertEquals(ConnectionBed.MARK, bed.decide(0, tcp(200, SYN)).mark, "a new flow");
    assertEquals(200, bed.counted(0, FastPathCounter.FLOWS_HIT));
    assertEquals(100, bed.counted(0, FastPathCounter.FLOWS_MISS_UDP));
    assertEquals(101, bed.counted(0, FastPathCounter.FLOWS_MISS_SYN));
  }

  /** Another carrier knows a flow's mark alone. Some in bursts, one by itself. */
  @Test
  void shouldFollowFlowsThatWereBroughtFromElsewhere() {
    FlowNumbers numbers = new FlowNumbers(bed.instance);
    FlowRecord record = new FlowRecord();
    for (int client = 0; client < 100; client++) {
      record.flow.ipv4(0x0a07_0000 | client, 0xc000_0201, IpProtocol.TCP, 40000 << 16 | 80);
      long backend = numbers.number(ConnectionBed.MARK + client % 10);
      bed.tables.get(0).adopt(record, numbers.hash(record.flow), backend);
    }
    assertEquals(0, numbers.number(7), "no backend has this mark");
    List<byte[]> frames = new ArrayList<>();
    for (int client = 0; client < 100; client++) {
      frames.add(tcp(client, ACK));
    }
    Decision[] together = bed.decide(0, frames);
    for (int client = 0; client < 100; client++) {
      assertEquals(ConnectionBed.MARK + client % 10, together[client].mark);
      assertEquals(Reason.FOLLOWED_FLOW, together[client].reason);
      assertEquals(ConnectionBed.MARK + client % 10, bed.decide(0, tcp(client, ACK)).mark);
    }
  }

  @Test
  void shouldSayAllThatForwardingNeedsOfAFollowedFlow() {
    Decision first = bed.decide(0, tcp(1, SYN));
    Decision second = bed.decide(0, tcp(1, ACK));
    assertEquals(Reason.FORWARDED_TCP, first.reason);
    assertEquals(Reason.FOLLOWED_FLOW, second.reason);
    assertEquals(Action.MARK, second.action);
    assertEquals(first.backend, second.backend);
    assertEquals(first.hash, second.hash, "a receiver's queues are chosen by it");
    assertEquals(first.generation, second.generation);
    assertTrue(second.nextHop.isKnown);
    assertEquals(first.nextHop.mac, second.nextHop.mac);
  }

  @Test
  void shouldUseABackendsNewAddressAtOnce() {
    int mark = bed.decide(0, tcp(1, SYN)).mark;
    bed.instance.updatePool(
        "web",
        backends ->
            backends.stream().map(b -> b.fwmark() == mark ? withMac(b, 0x0b0b) : b).toList());
    Decision next = bed.decide(0, tcp(1, ACK));
    assertEquals(mark, next.mark);
    assertEquals(0x0b0b, next.nextHop.mac);
  }

  private static Backend withMac(Backend b, long mac) {
    return new Backend(
        b.name(),
        b.fwmark(),
        b.weight(),
        b.state(),
        b.health(),
        b.ipv4(),
        b.ipv6(),
        new MacAddress(mac));
  }

  @Test
  void shouldMoveFlowsOfARemovedBackend() {
    int mark = bed.decide(0, tcp(1, SYN)).mark;
    bed.instance.updatePool("web", backends -> allBut(backends, nameOf(mark)));
    Decision moved = bed.decide(0, tcp(1, ACK));
    assertNotEquals(mark, moved.mark);
    assertEquals(Reason.FORWARDED_TCP, moved.reason);
    assertEquals(1, bed.counted(0, FastPathCounter.FLOWS_STALE));
    assertEquals(moved.mark, bed.decide(0, tcp(1, ACK)).mark);
  }

  @Test
  void shouldNotTakeAReusedMarkAndIndexForTheFormerBackend() {
    int mark = bed.decide(0, tcp(1, SYN)).mark;
    String name = nameOf(mark);
    // At once: the other one gets index and mark, and is drained so that no table names it.
    bed.instance.updatePool(
        "web",
        backends -> {
          List<Backend> others = new ArrayList<>(allBut(backends, name));
          others.add(ConnectionBed.backend("other", mark).with(AdminState.DRAINING));
          return others;
        });
    Decision moved = bed.decide(0, tcp(1, ACK));
    assertNotEquals(mark, moved.mark);
    assertEquals(1, bed.counted(0, FastPathCounter.FLOWS_STALE));
  }

  @Test
  void shouldKeepFlowsWhenPoolsComeAndGo() throws Exception {
    bed.pool("first", 301, Policy.MAGLEV);
    bed.instance.updateServices(
        services -> {
          List<io.synlev.state.Service> all = new ArrayList<>(services);
          all.add(ConnectionBed.service("a", "first", "192.0.2.9/32"));
          return all;
        });
    bed.sync();
    int[] before = bed.marks(0, flows(SYN));
    bed.instance.updateServices(
        _ ->
            List.of(
                ConnectionBed.service("a", "web", "192.0.2.9/32"),
                ConnectionBed.service("web", "first", "192.0.2.1/32", "2001:db8:1::1/128")));
    bed.sync();
    assertArrayEquals(before, bed.marks(0, flows(ACK)), "of a pool that another service has");
    assertArrayEquals(before, bed.marks(0, flows(ACK)), "with their new numbers");
    assertTrue(bed.decide(0, tcp(200, SYN)).mark >= 301);
    bed.instance.updateServices(
        _ -> List.of(ConnectionBed.service("web", "first", "192.0.2.1/32", "2001:db8:1::1/128")));
    bed.sync();
    assertTrue(Arrays.stream(bed.marks(0, flows(ACK))).allMatch(mark -> mark >= 301), "pool gone");
  }

  @Test
  void shouldGiveOneBackendToAFlowsPacketsOfOneBurst() {
    Decision[] burst = bed.decide(0, List.of(tcp(1, SYN), tcp(1, ACK), tcp(1, ACK)));
    assertEquals(burst[0].mark, burst[2].mark);
    assertEquals(1, bed.counted(0, FastPathCounter.FLOWS_INSERTED));
    assertEquals(2, bed.counted(0, FastPathCounter.FLOWS_MISS_TCP));
    assertEquals(0, bed.counted(0, FastPathCounter.FLOWS_STALE));
  }

  @Test
  void shouldFollowFlowsWithErrorsAboutThem() {
    int mark = bed.decide(0, Frame.of("10.7.0.1", "192.0.2.1").udp().bytes()).mark;
    bed.instance.updatePool(
        "web",
        backends ->
            backends.stream()
                .map(b -> b.fwmark() == mark ? b.with(AdminState.INACTIVE) : b)
                .toList());
    byte[] error = Frame.of("10.8.0.1", "192.0.2.1").unreachable("10.7.0.1").bytes();
    for (int worker = 0; worker < ConnectionBed.WORKERS; worker++) {
      Decision decision = bed.decide(worker, error);
      assertEquals(mark, decision.mark, "worker " + worker);
      assertTrue(decision.nextHop.isKnown);
      assertEquals(1, bed.counted(worker, FastPathCounter.FLOWS_BYPASS));
    }
  }

  @Test
  void shouldFollowFlowsOfAnotherWorkerWithFragments() {
    int mark = bed.decide(0, Frame.of("10.7.0.1", "192.0.2.1").udp().bytes()).mark;
    bed.instance.updatePool(
        "web",
        backends ->
            backends.stream()
                .map(b -> b.fwmark() == mark ? b.with(AdminState.INACTIVE) : b)
                .toList());
    byte[] first = Frame.of("10.7.0.1", "192.0.2.1").udp().payload(64).fragment(0x2000).bytes();
    byte[] later = Frame.of("10.7.0.1", "192.0.2.1").udp().payload(64).fragment(0x0009).bytes();
    assertEquals(mark, bed.decide(1, first).mark);
    assertEquals(mark, bed.decide(1, later).mark);
  }

  @Test
  void shouldForgetClosedConnectionsAndIdleFlows() {
    bed.decide(0, tcp(1, SYN));
    bed.decide(0, tcp(1, ACK));
    bed.decide(0, tcp(1, FIN | ACK));
    bed.decide(0, Frame.of("10.7.0.2", "192.0.2.1").udp().bytes());
    assertEquals(Reason.FOLLOWED_FLOW, bed.decide(0, tcp(1, ACK)).reason);
    bed.now += 301 * ConnectionBed.SECOND;
    assertEquals(Reason.FORWARDED_TCP, bed.decide(0, tcp(1, ACK)).reason);
    assertEquals(
        Reason.FORWARDED_UDP,
        bed.decide(0, Frame.of("10.7.0.2", "192.0.2.1").udp().bytes()).reason);
  }

  @Test
  void shouldCountPacketsOfFollowedFlowsForTheirBackend() {
    int mark = bed.decide(0, tcp(1, SYN)).mark;
    bed.decide(0, tcp(1, ACK));
    int index = mark - ConnectionBed.MARK;
    assertEquals(2, bed.instance.pool("web").packets(index));
    assertEquals(nameOf(mark), named(nameOf(mark)).name());
  }

  @Test
  void shouldGiveNewFlowsToBackendsInTurn() throws Exception {
    bed.pool("turns", 301, Policy.ROUND_ROBIN);
    bed.instance.updateServices(
        _ -> List.of(ConnectionBed.service("web", "turns", "192.0.2.1/32", "2001:db8:1::1/128")));
    bed.sync();
    List<byte[]> burst = new ArrayList<>();
    for (int client = 0; client < 50; client++) {
      burst.add(tcp(client, SYN));
      burst.add(tcp(client, ACK));
    }
    Decision[] decided = bed.decide(0, burst);
    int[] flows = new int[10];
    for (int client = 0; client < 50; client++) {
      int mark = decided[2 * client].mark;
      assertEquals(mark, decided[2 * client + 1].mark, "the flow's second packet");
      assertEquals(mark, bed.decide(0, tcp(client, ACK)).mark, "and a later one");
      flows[mark - 301]++;
      if (client > 0) {
        int before = decided[2 * client - 2].mark;
        assertEquals((before - 301 + 1) % 10, mark - 301, "the next backend's turn");
      }
    }
    assertArrayEquals(new int[] {5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, flows);
    assertEquals(0, bed.counted(0, FastPathCounter.FLOWS_STALE));
  }
}
