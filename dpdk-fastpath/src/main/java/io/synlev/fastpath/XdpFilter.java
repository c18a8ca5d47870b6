package io.synlev.fastpath;

import io.synlev.bpf.VipFilter;
import io.synlev.bpf.XdpAddresses;
import io.synlev.bpf.XdpInterface;
import io.synlev.ffi.Claim;
import io.synlev.state.Prefix;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives net_af_xdp our own XDP program, so that an interface goes on serving its host: only what is
 * for VIPs and for lbd's own addresses leaves the kernel. One thread at a time.
 */
final class XdpFilter implements VipFollower, AutoCloseable {

  private static final Logger LOG = System.getLogger(XdpFilter.class.getName());
  private static final String DRIVER = "net_af_xdp";
  private static final String INTERFACE = "iface=";
  private static final String OTHER_PROGRAM = "xdp_prog=";

  private final String device;
  private final String name;
  private final NeighbourOptions options;
  private final Claim claim;
  private final Path program;
  private XdpAddresses addresses;
  private List<Prefix> known;

  private XdpFilter(String device, String name, NeighbourOptions options) throws IOException {
    this.device = device;
    this.name = name;
    this.options = options;
    XdpInterface there = XdpInterface.of(name);
    claim = there.claim();
    try {
      if (there.detachLeftOver(claim)) {
        LOG.log(Level.WARNING, name + ": a former lbd has left its XDP program: replaced");
      }
      program = writeProgram();
    } catch (IOException e) {
      claim.close();
      throw e;
    }
  }

  private static Path writeProgram() throws IOException {
    Path file = Files.createTempFile("synlev-xdp-", ".o");
    try {
      XdpAddresses.writeProgram(file);
      return file;
    } catch (IOException e) {
      Files.delete(file);
      throw e;
    }
  }

  /**
   * Makes one for a device that needs it: {@code net_af_xdp...,iface=NAME} without a program.
   *
   * @return null for any other device
   */
  static XdpFilter of(String device, NeighbourOptions options) throws IOException {
    boolean isXdp = device.startsWith(DRIVER) && !device.contains("," + OTHER_PROGRAM);
    for (String argument : device.split(",")) {
      if (isXdp && argument.startsWith(INTERFACE)) {
        return new XdpFilter(device, argument.substring(INTERFACE.length()), options);
      }
    }
    return null;
  }

  /** The device with the program. */
  String device() {
    return device + "," + OTHER_PROGRAM + program;
  }

  /** Finds the maps, once the driver has attached the program. */
  void started() throws IOException {
    addresses = XdpAddresses.open(name);
    Files.delete(program);
  }

  @Override
  public void take(List<Prefix> vips) throws IOException {
    if (vips == known) {
      return;
    }
    int both = XdpAddresses.TAKE_PACKETS | XdpAddresses.ANSWER_FOR;
    Map<VipFilter.Prefix, Integer> wanted = new HashMap<>();
    for (Prefix vip : vips) {
      boolean isAnswered = options.answersForVips() && vip.isHost();
      wanted.put(
          new VipFilter.Prefix(vip.firstAddress(), vip.length()),
          isAnswered ? both : XdpAddresses.TAKE_PACKETS);
    }
    addOwn(options.ownIpv4(), both, wanted);
    addOwn(options.ownIpv6(), both, wanted);
    for (InetAddress source : options.sources()) {
      addOwn(source, both, wanted);
    }
    addresses.set(wanted);
    known = vips;
  }

  /** From now on the kernel gets all. */
  @Override
  public void letGo() throws IOException {
    if (addresses != null) {
      addresses.set(Map.of());
    }
    known = null;
  }

  /** The host's own addresses stay with the host. */
  private static void addOwn(InetAddress own, int flags, Map<VipFilter.Prefix, Integer> wanted)
      throws IOException {
    if (own != null && NetworkInterface.getByInetAddress(own) == null) {
      wanted.put(new VipFilter.Prefix(own, own.getAddress().length * 8), flags);
    }
  }

  /** Gives the interface back, when the driver has taken the program off. */
  @Override
  public void close() throws IOException {
    if (addresses != null) {
      addresses.close();
      addresses = null;
    }
    claim.close();
    Files.deleteIfExists(program);
  }
}
