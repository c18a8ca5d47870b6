package io.synlev.fastpath;

import io.synlev.state.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whom the kernel knows on the link of an interface that it shares with a port: whoever served by
 * the kernel so far goes on without asking anew. IPv4 alone; known neighbours are confirmed when
 * they are used, as after any time of silence.
 */
final class KernelNeighbours {

  /** proc_pid_net(5): the calling thread's network namespace. */
  private static final Path TABLE = Path.of("/proc/thread-self/net/arp");

  /** include/uapi/linux/if_arp.h, ATF_COM: its Ethernet address is known. */
  private static final int COMPLETE = 2;

  private static final int FIELDS = 6;

  private KernelNeighbours() {}

  /**
   * Takes them over.
   *
   * @param interfaceIndex of the kernel's interface that a port shares; 0 if there is none
   */
  static void take(NeighbourTable table, int interfaceIndex, int most, long nowNanos) {
    try {
      NetworkInterface shared =
          interfaceIndex == 0 ? null : NetworkInterface.getByIndex(interfaceIndex);
      if (shared != null) {
        take(table, Files.readAllLines(TABLE), shared.getName(), most, nowNanos);
      }
    } catch (IOException e) {
      // Then they are asked.
    }
  }

  /** The same from the lines of the file. */
  static void take(NeighbourTable table, List<String> lines, String name, int most, long nowNanos) {
    int taken = 0;
    for (String line : lines) {
      String[] fields = line.trim().split("\\s+");
      boolean isKnown =
          fields.length == FIELDS
              && fields[5].equals(name)
              && (Integer.decode(fields[2]) & COMPLETE) != 0;
      if (isKnown && taken < most) {
        InetAddress address = InetAddress.ofLiteral(fields[0]);
        int at =
            table.add(
                LocalAddresses.high(address), LocalAddresses.low(address), nowNanos, nowNanos);
        if (at >= 0) { // a file that changes while it is read may have a line twice
          long mac = MacAddress.parse(fields[3]).bits();
          table.change(at, table.word(at), NeighbourTable.STALE, mac, nowNanos);
          taken++;
        }
      }
    }
  }
}
