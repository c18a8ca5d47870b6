package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines as proc_pid_net(5) and a kernel's /proc/net/arp have them. */
class KernelNeighboursTest {
  private static final List<String> LINES =
      List.of(
          "IP address       HW type     Flags       HW address            Mask     Device",
          "10.0.0.2         0x1         0x2         02:00:00:00:00:02     *        eth0",
          "10.0.0.2         0x1         0x2         02:00:00:00:00:02     *        eth0",
          "10.0.0.3         0x1         0x0         00:00:00:00:00:00     *        eth0",
          "10.0.0.4         0x1         0x6         02:00:00:00:00:04     *        eth0",
          "10.0.0.5         0x1         0x2         02:00:00:00:00:05     *        eth1",
          "10.0.0.6         0x1         0x2         02:00:00:00:00:06     *        eth0");

  private final NeighbourTable table = new NeighbourTable(16);

  @Test
  void shouldTakeWhomTheKernelKnowsOnTheInterface() {
    KernelNeighbours.take(table, LINES, "eth0", 2, 1000);
    assertEquals(0x0200_0000_0002L, mac("10.0.0.2"));
    assertEquals(0x0200_0000_0004L, mac("10.0.0.4"), "static");
    assertEquals(0, mac("10.0.0.3"), "was asked for in vain");
    assertEquals(0, mac("10.0.0.5"), "is on another link");
    assertEquals(0, mac("10.0.0.6"), "is one too many");
  }

  @Test
  void shouldKnowNobodyWithoutAnInterface() {
    KernelNeighbours.take(table, 0, 2, 1000);
    assertEquals(0, mac("10.0.0.2"));
  }

  private long mac(String address) {
    InetAddress literal = InetAddress.ofLiteral(address);
    int at = table.find(LocalAddresses.high(literal), LocalAddresses.low(literal));
    return at == NeighbourTable.NOWHERE ? 0 : NeighbourTable.mac(table.word(at));
  }
}
