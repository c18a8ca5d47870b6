package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.PacketCounter;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.TestBed;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * SCTP through the real queue, in packets made by hand: a kernel without SCTP sockets will do. Raw
 * sockets send protocol 132, and UDP sockets send the same inside UDP; what leaves the balancer is
 * counted by mark.
 */
@ExtendWith(Requirements.class)
class SctpTest {
  private static final int SERVERS = 4;
  private static final int ADDRESSES = 20;

  private TestBed bed;
  private Daemon daemon;
  private final List<List<PacketCounter>> leaving = new ArrayList<>();

  @BeforeEach
  void start() {
    bed = TestBed.bare(ReturnMode.ROUTED, SERVERS);
    for (int server = 1; server <= SERVERS; server++) {
      List<PacketCounter> ofServer = new ArrayList<>();
      for (Family family : Family.values()) {
        ofServer.add(leaving(family, server));
      }
      leaving.add(ofServer);
    }
    bed.balancer().magctl("service", "remove", "default").orFail();
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  private PacketCounter leaving(Family family, int server) {
    return PacketCounter.startIn(
        bed.lab(),
        family,
        "mangle",
        "POSTROUTING",
        "to-" + server,
        "-d",
        family.vip(),
        "-m",
        "mark",
        "--mark",
        "0x%x/0xffff".formatted(server));
  }

  private void serve(String... options) {
    List<String> command = new ArrayList<>(List.of("service", "add", "amf"));
    command.addAll(List.of("--vip", Family.IPV4.vip(), Family.IPV6.vip()));
    command.addAll(List.of("--protocols", "sctp", "--ports", "38412"));
    command.addAll(List.of("--sctp-over-udp", "9899"));
    command.addAll(List.of(options));
    bed.balancer().magctl(command.toArray(String[]::new)).orFail();
    daemon = bed.balancer().daemon();
    bed.balancer().install(ReturnMode.ROUTED, Redirect.ALL);
  }

  /** Packets to each server so far. */
  private List<Long> packets() {
    return leaving.stream()
        .map(server -> server.stream().mapToLong(PacketCounter::packets).sum())
        .toList();
  }

  private void awaitPackets(long sent) {
    Await.until("all have left", () -> packets().stream().mapToLong(Long::longValue).sum() == sent);
  }

  /** Sends an INIT (RFC 9260, section 3.3.2) as SCTP, and once more inside UDP. */
  private void send(Family family, int source, int port, int destinationPort) {
    String four = family == Family.IPV4 ? "4" : "6";
    String vip = family == Family.IPV4 ? family.vip() : "[" + family.vip() + "]";
    String address = family.source(source);
    String from = family == Family.IPV4 ? address : "[" + address + "]";
    String init =
        bytes(port)
            + bytes(destinationPort)
            + "\\x00".repeat(8)
            + "\\x01\\x00\\x00\\x14"
            + "\\x00".repeat(16);
    for (String to :
        List.of(
            "IP%s-SENDTO:%s:132,bind=%s".formatted(four, vip, from),
            "UDP%s-SENDTO:%s:9899,bind=%s".formatted(four, vip, from))) {
      bed.lab()
          .run(Lab.CLIENT, "bash", "-c", "printf '" + init + "' | socat -u STDIN '" + to + "'")
          .orFail();
    }
  }

  private static String bytes(int port) {
    return "\\x%02x\\x%02x".formatted(port >> 8, port & 0xff);
  }

  @Test
  void shouldKeepAnAssociationAtOneServerWhicheverAddressItUses() {
    serve("--hash", "ports");
    for (Family family : Family.values()) {
      for (int source = 1; source <= ADDRESSES; source++) {
        send(family, source, 5000, 38412);
      }
    }
    awaitPackets(4 * ADDRESSES);
    assertEquals(1, packets().stream().filter(count -> count > 0).count(), "one server has all");
    Json reasons = daemon.stats().object("reasons");
    assertEquals(2 * ADDRESSES, reasons.number("sctp"), reasons::toString);
    assertEquals(2 * ADDRESSES, reasons.number("sctp-over-udp"), reasons::toString);

    for (int port = 1; port <= 2 * ADDRESSES; port++) {
      send(Family.IPV4, 1, port, 38412);
    }
    awaitPackets(8 * ADDRESSES);
    assertTrue(packets().stream().allMatch(count -> count > 0), "other ports go elsewhere");
  }

  @Test
  void shouldSpreadTheAddressesOfClientsByTheirTuple() {
    serve();
    IntStream.rangeClosed(1, 2 * ADDRESSES).forEach(i -> send(Family.IPV6, i, 5000, 38412));
    awaitPackets(4 * ADDRESSES);
    assertTrue(packets().stream().allMatch(count -> count > 0), () -> packets().toString());
    // Half as SCTP, half inside UDP, and both to the same server.
    assertTrue(packets().stream().allMatch(count -> count % 2 == 0), () -> packets().toString());
    send(Family.IPV4, 1, 5000, 80);
    Await.until(
        "what is for another port is nobody's",
        () ->
            daemon.stats().numbers("reasons").getOrDefault("no-service-port", 0L) == 1
                && daemon.stats().numbers("reasons").getOrDefault("no-service-source", 0L) == 1);
    awaitPackets(4 * ADDRESSES);
  }
}
