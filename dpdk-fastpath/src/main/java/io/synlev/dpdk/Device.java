package io.synlev.dpdk;

import io.synlev.ffi.Errno;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * A device on one of DPDK's buses, whose port can only be opened again when the device has been
 * taken off the bus and put on it again: rte_dev.h. Its methods run on the EAL's thread.
 *
 * @param bus {@code pci} or {@code vdev}
 * @param name without arguments
 * @param arguments those of its driver, separated by commas; may be empty
 */
record Device(String bus, String name, String arguments) {

  /** The one that an open port is of. */
  static Device of(Eal eal, int port, String portName) throws DpdkException {
    Libraries libraries = eal.libraries();
    try (Arena arena = Arena.ofConfined()) {
      long info = arena.allocate(Layout2211.INFO_BYTES, 8).address();
      int failed = libraries.ethdev("rte_eth_dev_info_get").plain(port, info, 0, 0);
      Port.check(failed, "rte_eth_dev_info_get of port " + portName);
      long device = Memory.getLong(info + Layout2211.INFO_DEVICE);
      long bus = pointer(libraries, "rte_dev_bus", device);
      long given = pointer(libraries, "rte_dev_devargs", device);
      return new Device(
          Libraries.text(pointer(libraries, "rte_bus_name", bus)),
          Libraries.text(pointer(libraries, "rte_dev_name", device)),
          given == 0 ? "" : Libraries.text(Memory.getLong(given + Layout2211.DEVARGS_ARGUMENTS)));
    }
  }

  private static long pointer(Libraries libraries, String function, long of) throws DpdkException {
    return libraries.eal(function).callLong(of, 0, 0, 0, 0, 0);
  }

  /** Takes it off the bus; its port is closed. */
  void remove(Eal eal) throws DpdkException {
    var remove = eal.libraries().eal("rte_eal_hotplug_remove");
    Port.check(
        remove.plain(Text.lasting(bus), Text.lasting(name), 0, 0),
        "rte_eal_hotplug_remove of " + name);
  }

  /** Puts it on the bus with the same arguments, which makes its port. */
  void probe(Eal eal) throws DpdkException {
    probe(eal, arguments.isEmpty() ? name : name + "," + arguments);
  }

  /**
   * Puts one on its bus.
   *
   * @param device its name, and its arguments behind commas
   * @throws DpdkException when its driver was not loaded or refuses the arguments
   */
  static void probe(Eal eal, String device) throws DpdkException {
    int failed = eal.libraries().eal("rte_dev_probe").plain(Text.lasting(device), 0, 0, 0);
    if (failed != 0) {
      throw new DpdkException(
          "cannot make the device '" + device + "': " + Errno.describe(-failed),
          Port.isPci(device)
              ? "bind the NIC to vfio-pci again, if it was given to another driver"
              : "check its name and arguments, and that its driver is among --driver");
    }
  }
}
