package io.synlev.fastpath;

import io.synlev.dpdk.EalOptions;
import io.synlev.dpdk.PoolOptions;
import io.synlev.dpdk.PortOptions;
import io.synlev.nat.NatOptions;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the fast path is made of.
 *
 * @param eal how DPDK is started
 * @param port where packets come from: a PCI address, or a virtual device with its arguments
 * @param outPort where packets to backends go; the same text for one arm
 * @param ports how ports are set up; the number of queues is the number of cores
 * @param pool how big the packet pool of each port is
 * @param cores the processor of each worker; -1 pins it nowhere
 * @param burst most packets of one step, 1 to 256
 * @param holding most fragments that wait in each worker, 1 to 65536
 * @param idleMicros how long a worker sleeps after many empty steps; 0 lets it spin for ever
 * @param forwarding how packets are forwarded
 * @param neighbours what the balancer is on its links
 * @param exception the device by which what is not ours goes to the kernel, {@code tap:NAME} or a
 *     virtual device with its arguments; empty drops it
 * @param isXdpFiltered whether net_af_xdp gets our XDP program, which leaves the kernel what is not
 *     for us
 * @param isolation whether NICs are asked to tell packets to services from others
 * @param connections what the connection tables are to be
 * @param nat how packets of pools with forwarding nat are translated, or null if there are none
 */
public record FastPathOptions(
    EalOptions eal,
    String port,
    String outPort,
    PortOptions ports,
    PoolOptions pool,
    List<Integer> cores,
    int burst,
    int holding,
    int idleMicros,
    ForwardingOptions forwarding,
    NeighbourOptions neighbours,
    String exception,
    boolean isXdpFiltered,
    ConnectionOptions connections,
    Isolation.Mode isolation,
    NatOptions nat) {

  /** What {@code exception} begins with when the rest is the name of a tap device. */
  static final String TAP = "tap:";

  /** Arguments of net_pcap that open an interface to receive: its guide of DPDK 22.11. */
  private static final Pattern PCAP_RECEIVES = Pattern.compile(",(rx_)?iface(_in)?=");

  /** Checks the ranges. */
  public FastPathOptions {
    cores = List.copyOf(cores);
    ForwardingOptions.check("number of cores", cores.size(), 1, 64);
    ForwardingOptions.check("burst", burst, 1, 256);
    ForwardingOptions.check("fragments held", holding, 1, 65536);
    ForwardingOptions.check("idle microseconds", idleMicros, 0, 1_000_000);
  }

  /**
   * The device of the exception port.
   *
   * @param mac of the port to the clients, first byte highest: the kernel speaks with it
   */
  String exceptionDevice(long mac) {
    if (!exception.startsWith(TAP)) {
      return exception;
    }
    String name = exception.substring(TAP.length());
    String colons = "%012x".formatted(mac).replaceAll("(..)(?!$)", "$1:");
    return "net_tap_" + name + ",iface=" + name + ",mac=" + colons;
  }

  /** Whether the kernel gets what comes by the ports, too. */
  boolean leavesCopies() {
    return isCopied(port) || isCopied(outPort);
  }

  private static boolean isCopied(String device) {
    return device.startsWith("net_af_packet")
        || device.startsWith("net_pcap") && PCAP_RECEIVES.matcher(device).find();
  }

  /** Whether packets come and go by the same port. */
  boolean hasOneArm() {
    return port.equals(outPort);
  }
}
