package io.synlev.dpdk;

import io.synlev.ffi.Errno;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A network port that DPDK drives: rte_ethdev.h.
 *
 * <p>A life is: {@link #attach} or {@link #named}, {@link #configure}, {@link #start}, {@link
 * #stop} (and start again), {@link #close}. Those run on the EAL's thread; any thread may call
 * them, one at a time. Bursts go through {@link PortQueue}.
 */
public final class Port implements AutoCloseable {

  private static final int NAME_BYTES = 64; // RTE_ETH_NAME_MAX_LEN

  private static final String PCI_ADDRESS =
      "([0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7].*";

  private final Eal eal;
  private final String name;
  private final int number;
  private PortInfo info;
  private int queues;
  private boolean isStarted;
  private boolean isClosed;

  /** Those that its driver has opened, and may leave open. */
  private LeftDescriptors leftDescriptors = new LeftDescriptors();

  /** Where its device comes from. */
  private enum Origin {
    /** Somebody else's: rings. */
    OTHER,
    /** Made for the port, and goes with it. */
    MADE,
    /** There at the start of the EAL: put back when it is asked for again. */
    FOUND
  }

  private Origin origin = Origin.OTHER;

  Port(Eal eal, String name, int number) throws DpdkException {
    this.eal = eal;
    this.name = name;
    this.number = number;
    this.info = PortInfo.read(eal, number, name);
  }

  /**
   * Makes a virtual device and takes its port; the device goes with the port. One that {@code
   * --vdev} of the EAL has made is taken as {@link #named} does.
   *
   * @param device such as {@code net_pcap0,rx_pcap=in.pcap,tx_pcap=out.pcap}
   * @throws DpdkException when its driver was not loaded or refuses the arguments
   */
  public static Port attach(Eal eal, String device) throws DpdkException {
    return eal.run(
        () -> {
          String name = device.replaceFirst(",.*", "");
          if (names(eal).contains(name) || eal.closedDevices().containsKey(name)) {
            return found(eal, name);
          }
          Device.probe(eal, device);
          return find(eal, name, Origin.MADE);
        });
  }

  /**
   * Takes a port that the EAL has found, again if it was closed since.
   *
   * @param name a PCI address or a virtual device's name
   * @throws DpdkException listing the ports that are there
   */
  public static Port named(Eal eal, String name) throws DpdkException {
    return eal.run(() -> found(eal, name));
  }

  private static Port found(Eal eal, String name) throws DpdkException {
    Device closed = eal.closedDevices().get(name);
    if (closed != null) {
      closed.probe(eal);
      eal.closedDevices().remove(name);
    }
    return find(eal, name, Origin.FOUND);
  }

  private static Port find(Eal eal, String name, Origin origin) throws DpdkException {
    try (Arena arena = Arena.ofConfined()) {
      long number = arena.allocate(2, 2).address();
      int failed =
          eal.libraries()
              .ethdev("rte_eth_dev_get_port_by_name")
              .plain(Text.lasting(name), number, 0, 0);
      if (failed != 0) {
        throw new DpdkException(
            "no port '" + name + "'; there are " + names(eal),
            "bind the NIC to vfio-pci and give its address, or name a virtual device");
      }
      Port port = new Port(eal, name, Memory.getShort(number) & 0xffff);
      port.origin = origin;
      return port;
    }
  }

  /** The names of all ports that are there. */
  static List<String> names(Eal eal) throws DpdkException {
    List<String> names = new ArrayList<>();
    var next = eal.libraries().ethdev("rte_eth_find_next");
    var nameOf = eal.libraries().ethdev("rte_eth_dev_get_name_by_port");
    try (Arena arena = Arena.ofConfined()) {
      long text = arena.allocate(NAME_BYTES).address();
      int port = (int) next.callLong(0, 0, 0, 0, 0, 0);
      while (port < 32 && nameOf.plain(port, text, 0, 0) == 0) {
        names.add(Libraries.text(text));
        port = (int) next.callLong(port + 1, 0, 0, 0, 0, 0);
      }
    }
    return names;
  }

  /** Whether a device is named by its address on the PCI bus, as the EAL finds it by itself. */
  public static boolean isPci(String device) {
    return device.matches(PCI_ADDRESS);
  }

  /** The number of a port made by us. */
  int number() {
    return number;
  }

  /** Its name: a PCI address, or a virtual device's. */
  public String name() {
    return name;
  }

  /** What its driver can do. */
  public PortInfo info() {
    return info;
  }

  /**
   * Whether its bursts never enter the kernel, so that they may be critical calls: those of NICs on
   * the PCI bus, and of two virtual devices. Sockets, files and tap devices do, and others might.
   */
  boolean isInUserSpace() {
    return isPci(name) || info.driver().equals("net_ring") || info.driver().equals("net_null");
  }

  /** The NUMA node that it is on, or -1 if it is on none. */
  public int socket() throws DpdkException {
    return eal.libraries().ethdev("rte_eth_dev_socket_id").plain(number, 0, 0, 0);
  }

  /**
   * Sets it up; it must not be started.
   *
   * @param pool where received packets are put, on the port's NUMA node
   * @throws DpdkException when the driver refuses, with the value it refused
   */
  public void configure(PortOptions options, PacketPool pool) throws DpdkException {
    eal.run(
        () -> {
          LeftDescriptors before = LeftDescriptors.open();
          try {
            new PortSetup(eal, this).run(options, pool);
          } finally {
            leftDescriptors = LeftDescriptors.open().without(before);
          }
          queues = options.queues();
          info = PortInfo.read(eal, number, name);
          return null;
        });
  }

  /** Starts it. */
  public void start() throws DpdkException {
    act("rte_eth_dev_start");
    isStarted = true;
  }

  /** Stops it; packets that wait in its queues are freed. */
  public void stop() throws DpdkException {
    if (isStarted) {
      isStarted = false;
      act("rte_eth_dev_stop");
    }
  }

  /** Stops it and takes the device away, so that a port of its name can be opened again. */
  @Override
  public void close() throws DpdkException {
    if (!isClosed) {
      isClosed = true;
      stop();
      if (origin == Origin.OTHER) {
        act("rte_eth_dev_close");
      } else {
        closeWithDevice();
      }
    }
  }

  private void closeWithDevice() throws DpdkException {
    Device device = eal.run(() -> Device.of(eal, number, name));
    act("rte_eth_dev_close");
    eal.run(
        () -> {
          device.remove(eal);
          if (origin == Origin.FOUND) {
            eal.closedDevices().put(name, device);
          }
          leftDescriptors.close();
          return null;
        });
  }

  private void act(String function) throws DpdkException {
    eal.run(
        () -> {
          check(
              eal.libraries().ethdev(function).plain(number, 0, 0, 0),
              function + " of port " + name);
          return null;
        });
  }

  /** A pair of queues, 0 to configured - 1, of the started port. To be asked for at each start. */
  public PortQueue queue(int index) throws DpdkException {
    if (!isStarted || index < 0 || index >= queues) {
      throw new IllegalArgumentException(
          "queue "
              + index
              + " of port "
              + name
              + " with "
              + queues
              + " queues, started: "
              + isStarted);
    }
    return new PortQueue(eal, this, index);
  }

  /** Its Ethernet address: the six bytes, first byte highest. */
  public long mac() throws DpdkException {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(8, 2).address();
      int failed = eal.libraries().ethdev("rte_eth_macaddr_get").plain(number, address, 0, 0);
      check(failed, "rte_eth_macaddr_get of port " + name);
      return Memory.getLongBe(address) >>> 16;
    }
  }

  /** Its MTU: the largest IP packet, in bytes. */
  public int mtu() throws DpdkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mtu = arena.allocate(ValueLayout.JAVA_SHORT);
      var get = eal.libraries().ethdev("rte_eth_dev_get_mtu");
      check(get.plain(number, mtu.address(), 0, 0), "rte_eth_dev_get_mtu of port " + name);
      return Memory.getShort(mtu.address()) & 0xffff;
    }
  }

  /** Its counters. */
  public PortStatistics statistics() throws DpdkException {
    return PortStatistics.read(eal, number, name);
  }

  /** Its link as it is now; waits for nothing. */
  public LinkState link() throws DpdkException {
    try (Arena arena = Arena.ofConfined()) {
      long link = arena.allocate(Layout2211.LINK_BYTES, 8).address();
      var get = eal.libraries().ethdev("rte_eth_link_get_nowait");
      check(get.plain(number, link, 0, 0), "rte_eth_link_get_nowait of port " + name);
      int flags = Memory.getShort(link + Layout2211.LINK_FLAGS);
      return new LinkState(
          (flags & Layout2211.LINK_UP) != 0,
          Memory.getInt(link + Layout2211.LINK_SPEED) & 0xffff_ffffL,
          (flags & Layout2211.LINK_FULL_DUPLEX) != 0);
    }
  }

  /** Throws for DPDK's negative error numbers. */
  static void check(int result, String what) throws DpdkException {
    if (result < 0) {
      throw new DpdkException(what + ": " + Errno.describe(-result), Errno.remedy(-result));
    }
  }
}
