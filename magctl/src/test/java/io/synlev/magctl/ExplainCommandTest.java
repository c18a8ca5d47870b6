package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.magctl.pcap.CaptureFiles;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExplainCommandTest extends Sandbox {
  private static final HexFormat HEX = HexFormat.of();
  private static final Path KATRAN = Path.of("..", "..", "shared", "katran", "base.json");
  private static final int VIP = 0x0a000001;

  @BeforeEach
  void create() {
    done(
        "create 997 --pool web --backends s1,ipv4=192.0.2.1,ipv6=2001:db8:9::1 s2 s3 s4"
            + " --vip 10.0.0.0/24 1000::/64 --seed "
            + Run.SEED);
  }

  /** A UDP packet to port 53 of 10.0.0.1, or a fragment of one (RFC 791). */
  private static String udp(int source, int port, int id, int offset, boolean more, int payload) {
    return "4500%04x%04x%04x40110000%08x%08x"
            .formatted(20 + payload, id, (more ? 0x2000 : 0) | offset >> 3, source, VIP)
        + (offset == 0
            ? "%04x0035%04x0000".formatted(port, 1000) + "00".repeat(payload - 8)
            : "00".repeat(payload));
  }

  /** The model: hash, share of the table, slot, backend. */
  private String model(int source, int ports, int protocol) {
    int hash = new FlowHash(Seed.parse(Run.SEED)).ipv4(source, VIP, ports, protocol);
    int slot = (int) (Integer.toUnsignedLong(hash) * 997 >>> 32);
    try (Instance instance = open()) {
      PoolSnapshot pool = instance.snapshot("web");
      return pool.at(pool.table()[slot]).orElseThrow().backend().name();
    }
  }

  private Path capture(List<String> packets) throws IOException {
    List<byte[]> frames = packets.stream().map(HEX::parseHex).toList();
    return Files.write(
        temp.resolve("file.pcap"), CaptureFiles.pcap(ByteOrder.LITTLE_ENDIAN, true, 101, frames));
  }

  private List<Map<String, Object>> explainAll(Path file) throws IOException {
    List<Map<String, Object>> objects = new ArrayList<>();
    for (String line : done("explain --json --pcap " + file).lines().toList()) {
      objects.add(JSON.std.mapFrom(line));
    }
    return objects;
  }

  @Test
  void shouldExplainStepByStep() {
    Map<String, Object> json = run("explain tcp 198.51.100.7:40000 10.0.0.1:80 --json").json();
    int hash = new FlowHash(Seed.parse(Run.SEED)).ipv4(0xc6336407, VIP, 40000 << 16 | 80, 6);
    int slot = (int) (Integer.toUnsignedLong(hash) * 997 >>> 32);
    assertEquals(Integer.toUnsignedLong(hash), ((Number) json.get("hash")).longValue());
    assertEquals(slot, json.get("slot"));
    String backend = model(0xc6336407, 40000 << 16 | 80, 6);
    assertEquals(backend, json.get("backend"));
    assertEquals(
        "tcp 198.51.100.7:40000 > 10.0.0.1:80 [S]\n"
            + "  kind        tcp, in one piece\n"
            + "  service     web: the destination lies in its VIP 10.0.0.0/24\n"
            + "  pool        web, generation 0\n"
            + ("  hash        0x%08x of the 5-tuple\n".formatted(hash))
            + ("  slot        " + slot + " of 997\n")
            + ("  backend     " + backend + ", fwmark " + json.get("fwmark"))
            + (backend.equals("s1") ? ", at 192.0.2.1\n" : "\n")
            + ("  verdict     accept with mark 0x" + json.get("mark") + " in the bits 0xffff\n")
            + "  reason      forwarded-tcp: A TCP packet was given to a backend.\n"
            + "  options     no lbd runs here, so its default options are assumed\n",
        done("explain 198.51.100.7:40000 10.0.0.1:80"));
  }

  /** Another way to the same table: what lookup says of flows, explain says of their packets. */
  @Test
  void shouldAgreeWithLookup() {
    SplittableRandom random = new SplittableRandom(4);
    for (String protocol : List.of("tcp", "udp", "sctp", "icmp", "47")) {
      for (int i = 0; i < 8; i++) {
        boolean hasPorts = !protocol.equals("icmp") && !protocol.equals("47");
        String from = i % 2 == 0 ? "198.51.100." + i : "2001:db8::" + i;
        String to = i % 2 == 0 ? "10.0.0.1" : "1000::1";
        if (hasPorts) {
          from = (i % 2 == 0 ? from : "[" + from + "]") + ":" + random.nextInt(65_536);
          to = (i % 2 == 0 ? to : "[" + to + "]") + ":443";
        }
        Map<String, Object> explained =
            run("explain --json " + protocol + " " + from + " " + to).json();
        Map<String, Object> looked =
            run("lookup --json --proto " + protocol + " " + from + " " + to).json();
        for (String member :
            List.of(
                "service", "vip", "pool", "generation", "hashedOn", "hash", "slot", "backend")) {
          assertEquals(looked.get(member), explained.get(member), member + " of " + explained);
        }
      }
    }
  }

  @Test
  void shouldSayWhichServicesCameNear() {
    done(
        "service add dns --pool web --vip 10.1.0.1 --protocols udp --ports 53 --from 192.0.2.0/24");
    done("service add mail --pool web --vip 10.1.0.1 --protocols tcp --ports 25,587");
    assertTrue(
        done("explain tcp 192.0.2.1:1 10.1.0.1:80")
            .contains(
                "  service     none: 10.1.0.1 is a VIP, but no service there is for this packet\n"
                    + "  near        dns: for udp\n"
                    + "  near        mail: for port 25,587\n"
                    + "  verdict     drop\n"
                    + "  reason      no-service-port: "));
    Map<String, Object> json = run("explain --json udp 192.0.3.1:1 10.1.0.1:53").json();
    assertEquals("no-service-source", json.get("reason"));
    assertEquals(List.of("dns: from 192.0.2.0/24", "mail: for tcp"), json.get("near"));
    assertTrue(
        done("explain tcp 192.0.2.1:1 10.9.0.1:80")
            .contains("service     none: 10.9.0.1 lies in no VIP"));
  }

  @Test
  void shouldTakeTheFlagsOfAFlowIntoAccount() {
    done("service add syn --pool web --vip 10.0.0.1 --match tcp[13]&2=2");
    assertEquals("syn", run("explain --json 192.0.2.1:1 10.0.0.1:80").json().get("service"));
    assertEquals(
        "web", run("explain --json --flags ack 192.0.2.1:1 10.0.0.1:80").json().get("service"));
  }

  @Test
  void shouldExplainAnIcmpErrorByTheFlowInside() {
    // RFC 792: 192.0.2.99 says that 10.0.0.1:53's answer to 198.51.100.7:4000 was too long.
    String inside = "4500001c0001000040110000" + "0a000001c6336407" + "00350fa000080000";
    String error =
        "45000038000000004001" + "0000" + "c00002630a000001" + "0304000000000578" + inside;
    Map<String, Object> json = run("explain --json --hex " + error).json();
    assertEquals("forwarded-icmp-error", json.get("reason"));
    assertEquals("udp 198.51.100.7:4000 > 10.0.0.1:53", json.get("about"));
    assertEquals(model(0xc6336407, 4000 << 16 | 53, 17), json.get("backend"));
  }

  @Test
  void shouldReadHexAsPeoplePasteIt() {
    String packet = udp(0xc6336407, 4000, 1, 0, false, 8);
    String plain = done("explain --hex " + packet);
    assertEquals(plain, done("explain --hex " + packet.replaceAll("(..)(?=.)", "$1:")));
    Run pasted =
        Run.in(
            Map.of("SYNLEV_STATE_DIR", base().toString()),
            new String[] {
              "explain", "--hex", "0x0000:  " + packet.replaceAll("(....)", "$1 ") + "\n"
            });
    assertEquals(plain, pasted.out());
    assertTrue(plain.contains("udp 198.51.100.7:4000 > 10.0.0.1:53"), plain);
    isMisused("explain --hex 450", "'0' is no byte");
    isMisused("explain --hex 45zz", "'zz' is no byte");
  }

  @Test
  void shouldExplainACapture() throws IOException {
    List<String> packets = new ArrayList<>();
    for (int port = 1000; port < 1200; port++) {
      packets.add(udp(0xc6336407, port, port, 0, false, 30));
    }
    packets.add("4f");
    List<Map<String, Object>> explained = explainAll(capture(packets));
    assertEquals(201, explained.size());
    for (int i = 0; i < 200; i++) {
      assertEquals(i + 1, explained.get(i).get("number"));
      assertEquals(model(0xc6336407, 1000 + i << 16 | 53, 17), explained.get(i).get("backend"));
    }
    assertEquals("truncated-ip-header", explained.get(200).get("reason"));
    assertNull(explained.get(200).get("backend"));
    String two = done("explain --limit 2 --pcap " + temp.resolve("file.pcap"));
    assertEquals(3, two.lines().count(), two);
    assertTrue(two.startsWith("1 udp 198.51.100.7:1000 > 10.0.0.1:53 -> web s"), two);
    assertTrue(two.contains("\n2 packets; no lbd runs here"), two);
  }

  /** Without a daemon its defaults count, and these have no fragment queue. */
  @Test
  void shouldSayHowFragmentsGo() throws IOException {
    List<Map<String, Object>> explained =
        explainAll(
            capture(
                List.of(
                    udp(0xc6336407, 4000, 7, 0, true, 64),
                    udp(0xc6336407, 4000, 7, 64, false, 16))));
    for (Map<String, Object> fragment : explained) {
      assertEquals("fragment", fragment.get("reason"));
      assertEquals("addresses", fragment.get("hashedOn"));
      assertEquals(model(0xc6336407, 0, 0), fragment.get("backend"));
    }
    assertEquals(
        "udp, first fragment: bytes 0 to 63, more follow, id 0x7",
        explained.getFirst().get("kind"));
    assertEquals("udp, fragment: bytes 64 to 79, the last, id 0x7", explained.get(1).get("kind"));
  }

  @Test
  void shouldChangeAndCountNothing() throws IOException {
    String before = everything() + done("stats --json");
    explainAll(capture(List.of(udp(1, 2, 3, 0, true, 64), udp(1, 2, 3, 64, false, 16))));
    done("explain 192.0.2.1:1 10.0.0.1:80");
    assertEquals(before, everything() + done("stats --json"));
  }

  @Test
  void shouldRefuseWhatCannotBeExplained() throws IOException {
    isMisused("explain", "give a flow", "--hex, or --pcap");
    isMisused("explain 1.2.3.4:1", "give a flow");
    isMisused("explain --hex 45 1.2.3.4:1 10.0.0.1:2", "give a flow");
    isMisused("explain --hex 45 --flags syn", "--flags is for a flow");
    isMisused("explain --flags fun 1.2.3.4:1 10.0.0.1:2", "'fun' is no TCP flag");
    isMisused("explain --pcap x --limit 0", "--limit 0");
    fails("explain --pcap " + temp.resolve("none"), "cannot read the capture");
    Path text = Files.writeString(temp.resolve("text"), "hello, world");
    fails("explain --pcap " + text, "neither pcap nor pcapng");
  }

  /** Packets that another project's tests send: whatever they are, each gets its line. */
  @Test
  void shouldExplainTheFramesOfOthers() throws IOException {
    Assumptions.assumeTrue(Files.exists(KATRAN), KATRAN + " is not here");
    done("service add theirs --pool web --vip 10.200.1.0/24 fc00:1::/64 --priority 1");
    Map<String, Object> cases = JSON.std.mapFrom(Files.readString(KATRAN));
    List<byte[]> frames = new ArrayList<>();
    for (Object one : (List<?>) cases.get("cases")) {
      frames.add(HEX.parseHex((String) ((Map<?, ?>) one).get("input_hex")));
    }
    Path file =
        Files.write(
            temp.resolve("katran.pcap"), CaptureFiles.pcap(ByteOrder.BIG_ENDIAN, false, 1, frames));
    List<Map<String, Object>> explained = explainAll(file);
    assertEquals(frames.size(), explained.size());
    long forwarded = explained.stream().filter(each -> each.get("backend") != null).count();
    assertTrue(forwarded > 10, explained::toString);
    for (Map<String, Object> each : explained) {
      assertTrue(each.get("skipped") != null || each.get("reason") != null, each::toString);
    }
  }
}
