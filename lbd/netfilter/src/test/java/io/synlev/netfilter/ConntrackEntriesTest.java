package io.synlev.netfilter;

import static io.synlev.netfilter.TestNamespace.command;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.packet.FlowKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against the kernel's own conntrack, whose entries conntrack(8) makes and lists. */
class ConntrackEntriesTest {

  private static final int MASK = 0xffff;
  private static final String ENDS4 = " -s 198.51.100.7 -d 192.0.2.80";
  private static final String ENDS6 = " -s 2001:db8:c::7 -d 2001:db8:5::80";

  private int port = 4711;

  private interface Body {
    void run(ConntrackEntries entries) throws Exception;
  }

  private static void inNamespace(Body body) throws Exception {
    TestNamespace.run(
        () -> {
          try (ConntrackEntries entries = ConntrackEntries.open(MASK)) {
            body.run(entries);
          }
        });
  }

  /** An entry of a flow of its own, and how it is with it. */
  private void tcp(String ends, String state, String status, int mark) throws Exception {
    insert(ends + " -p tcp --dport 80 --state " + state + " -u " + status, mark);
  }

  private void udp(String ends, String more, int mark) throws Exception {
    insert(ends + " -p udp --dport 80" + more, mark);
  }

  private void insert(String more, int mark) throws Exception {
    // The mark last: -u overwrites it.
    command("conntrack -I -t 600" + more + " --sport " + port++ + " -m " + mark);
  }

  private static String entries() throws Exception {
    return command("conntrack -L -o extended");
  }

  @Test
  void shouldCountTheLiveFlowsOfEachMark() throws Exception {
    inNamespace(
        entries -> {
          tcp(ENDS4, "ESTABLISHED", "SEEN_REPLY,ASSURED", 5);
          tcp(ENDS6, "ESTABLISHED", "SEEN_REPLY,ASSURED", 5);
          udp(ENDS6, " -u SEEN_REPLY", 5);
          udp(ENDS4, " -u SEEN_REPLY", 6);
          assertArrayEquals(new long[] {3, 1, 0}, entries.count(5, 6, 7));
        });
  }

  /** Half closed is not closed: the other half may last for hours. */
  @Test
  void shouldCountConnectionsUntilBothSidesAreThrough() throws Exception {
    inNamespace(
        entries -> {
          for (String state : "SYN_RECV FIN_WAIT CLOSE_WAIT LAST_ACK".split(" ")) {
            tcp(ENDS4, state, "SEEN_REPLY", 5);
          }
          for (String state : "TIME_WAIT CLOSE".split(" ")) {
            tcp(ENDS4, state, "SEEN_REPLY", 5);
          }
          assertArrayEquals(new long[] {4}, entries.count(5));
        });
  }

  /** Their next packet is new to conntrack and goes by the table, unless it is translated. */
  @Test
  void shouldCountFlowsWithoutAnswersOnlyWhereTheyAreTranslated() throws Exception {
    inNamespace(
        entries -> {
          udp(ENDS4, "", 5);
          assertArrayEquals(new long[] {0}, entries.count(5));
          udp(ENDS4, " --dst-nat 10.0.0.9", 5);
          assertArrayEquals(new long[] {1}, entries.count(5));
        });
  }

  @Test
  void shouldShowTheLiveFlowsOfMarks() throws Exception {
    inNamespace(
        entries -> {
          tcp(ENDS4, "ESTABLISHED", "SEEN_REPLY,ASSURED", 5);
          tcp(ENDS4, "TIME_WAIT", "SEEN_REPLY", 5);
          udp(ENDS6, " -u SEEN_REPLY", 6);
          udp(ENDS4, " -u SEEN_REPLY", 7);
          List<String> shown = new ArrayList<>();
          entries.forEach(
              new int[] {5, 6},
              record -> {
                FlowKey flow = record.flow;
                shown.add(
                    "%d: %x.%x > %x.%x, %d, %d > %d"
                        .formatted(
                            record.mark,
                            flow.sourceHigh,
                            flow.sourceLow,
                            flow.destinationHigh,
                            flow.destinationLow,
                            flow.protocol,
                            flow.ports >>> 16,
                            flow.ports & 0xffff));
              });
          assertEquals(
              List.of(
                  "5: 0.c6336407 > 0.c0000250, 6, 4711 > 80",
                  "6: 20010db8000c0000.7 > 20010db800050000.80, 17, 4713 > 80"),
              shown);
        });
  }

  @Test
  void shouldLookAtOurBitsOfTheMarkOnly() throws Exception {
    inNamespace(
        entries -> {
          udp(ENDS4, " -u SEEN_REPLY", 0x7_0005);
          udp(ENDS4, " -u SEEN_REPLY", 0x7_0000);
          assertArrayEquals(new long[] {1}, entries.count(5));
          assertEquals(1, entries.end(5));
          assertEquals(1, entries().lines().filter(line -> line.contains("mark=458752")).count());
        });
  }

  @Test
  void shouldEndTheFlowsOfTheMarksOfBothFamiliesAndAllZonesAndNoOthers() throws Exception {
    inNamespace(
        entries -> {
          tcp(ENDS4, "ESTABLISHED", "SEEN_REPLY,ASSURED", 5);
          tcp(ENDS4, "TIME_WAIT", "SEEN_REPLY", 5);
          udp(ENDS6, " -u SEEN_REPLY", 5);
          udp(ENDS4, " -w 9 -u SEEN_REPLY", 5);
          udp(ENDS4, " -u SEEN_REPLY", 6);
          udp(ENDS6, " -u SEEN_REPLY", 7);
          udp(ENDS6, "", 0);
          assertEquals(5, entries.end(5, 6));
          String left = entries();
          assertFalse(left.contains("mark=5") || left.contains("mark=6"), left);
          assertTrue(left.contains("mark=7") && left.contains("mark=0"), left);
          assertEquals(0, entries.end(5, 6));
        });
  }

  /** Several datagrams of the kernel's answer. */
  @Test
  void shouldCountMoreThanOneDatagramTells() throws Exception {
    inNamespace(
        entries -> {
          for (int i = 0; i < 200; i++) {
            udp(i % 2 == 0 ? ENDS4 : ENDS6, " -u SEEN_REPLY", 5);
          }
          assertArrayEquals(new long[] {200}, entries.count(5));
          assertEquals(200, entries.end(5));
          assertArrayEquals(new long[] {0}, entries.count(5));
        });
  }
}
