package io.synlev.magctl.whynot;

import io.synlev.ffi.NativeException;
import io.synlev.ffi.TapDevice;
import io.synlev.magctl.doctor.Programs;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Lets packets come in by an interface as if the link had brought them: a tap of our own, whose
 * packets tc(8) redirects to that interface's ingress. From there on they are like any other: tc
 * programs, netfilter and routes see the real interface. Nothing of the interface is changed, and
 * the tap takes along all that was made when it is closed, or when the process ends.
 */
final class Injector implements AutoCloseable {
  private static final String OUR_MAC = "02:00:00:00:00:01";
  private static final String REDIRECT =
      "qdisc add dev %1$s clsact\n"
          + "filter add dev %1$s ingress pref 1 protocol all u32 match u32 0 0"
          + " action mirred ingress redirect dev %2$s\n";

  private final TapDevice tap;
  private final boolean ipv6;

  private Injector(TapDevice tap, boolean ipv6) {
    this.tap = tap;
    this.ipv6 = ipv6;
  }

  /**
   * Makes one.
   *
   * @param device where packets shall come in; null for the tap itself
   * @param client answers to whom are to leave by the tap; null to leave routes as they are
   * @throws NativeException if we may not, or a program fails
   */
  static Injector open(Programs programs, String device, InetAddress client, boolean ipv6)
      throws NativeException {
    String name = "synlevw" + ProcessHandle.current().pid() % 1_000_000;
    TapDevice tap = TapDevice.open(name);
    try {
      StringBuilder links = new StringBuilder();
      links.append("link set ").append(name).append(" address ").append(OUR_MAC);
      links.append(" addrgenmode none arp off up\n");
      if (client != null) {
        links.append("route add ").append(Addresses.format(client)).append(" dev ").append(name);
        links.append('\n');
      }
      run(programs, links.toString(), "ip", ipv6 ? "-6" : "-4", "-batch", "-");
      if (device != null) {
        run(programs, REDIRECT.formatted(name, device), "tc", "-batch", "-");
      }
      return new Injector(tap, ipv6);
    } catch (NativeException e) {
      tap.close();
      throw e;
    }
  }

  private static void run(Programs programs, String batch, String... command)
      throws NativeException {
    Programs.Output output = programs.run(batch, command);
    if (output.exit() != 0) {
      throw new NativeException(
          command[0] + " " + batch.replace("\n", "; ").strip(),
          0,
          output.err()
              + " (needs CAP_NET_ADMIN, iproute2, and the kernel's cls_u32 and act_mirred)");
    }
  }

  /** The tap's name. */
  String name() {
    return tap.name();
  }

  /** Lets a packet come in. */
  void put(byte[] packet) throws NativeException {
    ByteBuffer frame = ByteBuffer.allocate(14 + packet.length);
    // To the tap's own address, so that it counts as addressed to this host.
    frame.put(new byte[] {2, 0, 0, 0, 0, 1}).put(new byte[] {2, 0, 0, 0, 0, 2});
    frame.putShort((short) (ipv6 ? 0x86dd : 0x0800)).put(packet);
    tap.write(frame.array());
  }

  @Override
  public void close() {
    tap.close();
  }
}
