package io.synlev.netfilter;

import static io.synlev.netfilter.TestNamespace.command;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.FlowTable;
import io.synlev.ffi.Errno;
import io.synlev.packet.FlowKey;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against the kernel's own conntrack, whose entries conntrack(8) makes. */
class ConntrackFlowsTest {

  private static final int MASK = 0xffff;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int SCTP = 132;
  private static final String CLIENT4 = "198.51.100.7";
  private static final String VIP4 = "192.0.2.80";
  private static final String CLIENT6 = "2001:db8:c::7";
  private static final String VIP6 = "2001:db8:5::80";
  private static final int PORTS = 4711 << 16 | 80;

  private static FlowKey flow(String source, String destination, int protocol, int ports) {
    FlowKey key = new FlowKey();
    ByteBuffer from = address(source);
    ByteBuffer to = address(destination);
    if (from.remaining() == 4) {
      key.ipv4(from.getInt(), to.getInt(), protocol, ports);
    } else {
      key.ipv6(from.getLong(), from.getLong(), to.getLong(), to.getLong(), protocol, ports);
    }
    return key;
  }

  private static ByteBuffer address(String text) {
    try {
      return ByteBuffer.wrap(InetAddress.getByName(text).getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** An entry as it is once an answer was seen. */
  private static void established(String source, String destination, String more, int mark)
      throws Exception {
    insert(source, destination, more + " -u SEEN_REPLY", mark);
  }

  private static void insert(String source, String destination, String more, int mark)
      throws Exception {
    String ends = " -s " + source + " -d " + destination;
    command("conntrack -I -t 600" + ends + " " + more + " -m " + mark); // last: -u overwrites it
  }

  private static void assertFound(int mark, ConntrackFlows flows, FlowKey flow) {
    assertEquals(mark, flows.find(flow));
  }

  @Test
  void shouldFindTheMarkOfAnEstablishedFlow() throws Exception {
    TestNamespace.run(
        () -> {
          established(CLIENT4, VIP4, "-p tcp --sport 4711 --dport 80 --state ESTABLISHED", 5);
          established(CLIENT6, VIP6, "-p tcp --sport 4711 --dport 80 --state ESTABLISHED", 6);
          established(CLIENT4, VIP4, "-p udp --sport 4711 --dport 80", 7);
          established(CLIENT6, VIP6, "-p udp --sport 4711 --dport 80", 8);
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, _ -> true)) {
            assertFound(5, flows, flow(CLIENT4, VIP4, TCP, PORTS));
            assertFound(6, flows, flow(CLIENT6, VIP6, TCP, PORTS));
            assertFound(7, flows, flow(CLIENT4, VIP4, UDP, PORTS));
            assertFound(8, flows, flow(CLIENT6, VIP6, UDP, PORTS));
            assertFalse(flows.isAskedAlways());
          }
        });
  }

  @Test
  void shouldFindSctp() throws Exception {
    TestNamespace.run(
        () -> {
          String sctp = "-p sctp --sport 4711 --dport 80 --state ESTABLISHED --orig-vtag 1";
          established(CLIENT4, VIP4, sctp + " --reply-vtag 2", 5);
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, _ -> true)) {
            assertFound(5, flows, flow(CLIENT4, VIP4, SCTP, PORTS));
          }
        });
  }

  @Test
  void shouldFindNothingOfOtherFlows() throws Exception {
    TestNamespace.run(
        () -> {
          established(CLIENT4, VIP4, "-p udp --sport 4711 --dport 80", 5);
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, _ -> true)) {
            assertFound(FlowTable.NONE, flows, flow(CLIENT4, VIP4, TCP, PORTS));
            assertFound(FlowTable.NONE, flows, flow(CLIENT4, VIP4, UDP, PORTS + 1));
            assertFound(FlowTable.NONE, flows, flow("198.51.100.8", VIP4, UDP, PORTS));
            assertFound(FlowTable.NONE, flows, flow(CLIENT6, VIP6, UDP, PORTS));
            assertFound(5, flows, flow(CLIENT4, VIP4, UDP, PORTS));
            command("conntrack -F");
            assertFound(FlowTable.NONE, flows, flow(CLIENT4, VIP4, UDP, PORTS));
          }
        });
  }

  @Test
  void shouldFindTheFirstFlowThatConntrackEverKnew() throws Exception {
    TestNamespace.run(
        () -> {
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, _ -> true)) {
            assertFound(FlowTable.NONE, flows, flow(CLIENT4, VIP4, UDP, PORTS));
            established(CLIENT4, VIP4, "-p udp --sport 4711 --dport 80", 5);
            assertFound(5, flows, flow(CLIENT4, VIP4, UDP, PORTS));
          }
        });
  }

  @Test
  void shouldTakeOnlyOurBitsOfTheMark() throws Exception {
    TestNamespace.run(
        () -> {
          established(CLIENT4, VIP4, "-p udp --sport 4711 --dport 80", 0x7_0005);
          established(CLIENT4, VIP4, "-p udp --sport 4712 --dport 80", 0x7_0000);
          established(CLIENT4, VIP4, "-p udp --sport 4713 --dport 80", 0);
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, _ -> true)) {
            assertFound(5, flows, flow(CLIENT4, VIP4, UDP, PORTS));
            assertFound(FlowTable.NONE, flows, flow(CLIENT4, VIP4, UDP, 4712 << 16 | 80));
            assertFound(FlowTable.NONE, flows, flow(CLIENT4, VIP4, UDP, 4713 << 16 | 80));
          }
        });
  }

  @Test
  void shouldNotFollowToABackendThatIsGone() throws Exception {
    TestNamespace.run(
        () -> {
          established(CLIENT4, VIP4, "-p udp --sport 4711 --dport 80", 5);
          established(CLIENT4, VIP4, "-p udp --sport 4712 --dport 80", 6);
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, mark -> mark == 6)) {
            assertFound(FlowTable.NONE, flows, flow(CLIENT4, VIP4, UDP, PORTS));
            assertFound(6, flows, flow(CLIENT4, VIP4, UDP, 4712 << 16 | 80));
          }
        });
  }

  /** Their whole packets are NEW to conntrack and go by the table. */
  @Test
  void shouldLeaveFlowsWithoutAnswersToTheTable() throws Exception {
    TestNamespace.run(
        () -> {
          insert(CLIENT4, VIP4, "-p udp --sport 4711 --dport 80", 5);
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, _ -> true)) {
            assertFound(FlowTable.NONE, flows, flow(CLIENT4, VIP4, UDP, PORTS));
          }
        });
  }

  /** The kernel finds an entry by either of its directions. */
  @Test
  void shouldNotTakeTheAnswersOfABackendsOwnConnectionForAClientsFlow() throws Exception {
    TestNamespace.run(
        () -> {
          established(VIP4, CLIENT4, "-p udp --sport 80 --dport 4711", 5);
          established(VIP6, CLIENT6, "-p udp --sport 80 --dport 4711", 5);
          established(VIP4, VIP4, "-p udp --sport 80 --dport 4711", 5); // only ports differ
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, _ -> true)) {
            assertFound(FlowTable.NONE, flows, flow(CLIENT4, VIP4, UDP, PORTS));
            assertFound(FlowTable.NONE, flows, flow(CLIENT6, VIP6, UDP, PORTS));
            assertFound(FlowTable.NONE, flows, flow(VIP4, VIP4, UDP, PORTS));
            assertFound(5, flows, flow(VIP4, CLIENT4, UDP, 80 << 16 | 4711));
          }
        });
  }

  @Test
  void shouldFindATranslatedFlowByWhatTheClientSent() throws Exception {
    TestNamespace.run(
        () -> {
          String reply = " -r 10.0.0.9 -q " + CLIENT4 + " --reply-port-src 8080";
          String ports = "-p udp --sport 4711 --dport 80 --reply-port-dst 4711";
          established(CLIENT4, VIP4, ports + reply, 5);
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, _ -> true)) {
            assertFound(5, flows, flow(CLIENT4, VIP4, UDP, PORTS));
          }
        });
  }

  @Test
  void shouldAllocateNothing() throws Exception {
    TestNamespace.run(
        () -> {
          established(CLIENT6, VIP6, "-p udp --sport 4711 --dport 80", 8);
          FlowKey known = flow(CLIENT6, VIP6, UDP, PORTS);
          FlowKey unknown = flow(CLIENT4, VIP4, UDP, PORTS);
          try (ConntrackFlows flows = ConntrackFlows.open(MASK, _ -> true)) {
            // What is not compiled yet makes garbage; what allocates per call does so every time.
            List<Long> allocated = new ArrayList<>();
            while (allocated.size() < 20 && !allocated.contains(0L)) {
              allocated.add(findBoth(flows, known, unknown));
            }
            assertTrue(allocated.contains(0L), "bytes allocated: " + allocated);
          }
        });
  }

  private static long findBoth(ConntrackFlows flows, FlowKey known, FlowKey unknown) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int sum = 0;
    for (int i = 0; i < 20_000; i++) {
      sum += flows.find(known) + flows.find(unknown);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(8 * 20_000, sum);
    return allocated;
  }

  @Test
  void shouldSayWhatIsMissing() {
    assertTrue(
        ConntrackFlows.refused("asking", -Errno.EINVAL.number())
            .getMessage()
            .contains("modprobe nf_conntrack_netlink"));
    assertTrue(
        ConntrackFlows.refused("asking", -Errno.EPERM.number())
            .getMessage()
            .contains("CAP_NET_ADMIN"));
  }
}
