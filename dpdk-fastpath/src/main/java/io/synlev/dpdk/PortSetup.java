package io.synlev.dpdk;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeFunction;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/** Configures a port and its queues: struct rte_eth_conf. Runs on the EAL's thread. */
final class PortSetup {

  private final Eal eal;
  private final Port port;

  PortSetup(Eal eal, Port port) {
    this.eal = eal;
    this.port = port;
  }

  void run(PortOptions options, PacketPool pool) throws DpdkException {
    PortInfo info = port.info();
    checkQueues(options, info);
    try (Arena arena = Arena.ofConfined()) {
      long conf = arena.allocate(Layout2211.CONF_BYTES, 8).address();
      fill(conf, options, info);
      call("rte_eth_dev_configure", options.queues(), options.queues(), conf);
      long counts = arena.allocate(4, 2).address();
      Memory.putShort(counts, (short) options.receiveDescriptors());
      Memory.putShort(counts + 2, (short) options.sendDescriptors());
      call("rte_eth_dev_adjust_nb_rx_tx_desc", counts, counts + 2, 0);
      setUpQueues(
          options.queues(), Memory.getShort(counts), Memory.getShort(counts + 2), pool.address());
    }
    if (options.mtu() != 0) {
      setMtu(options.mtu());
    }
    receiveMulticast();
    if (options.promiscuous()) {
      call("rte_eth_promiscuous_enable", 0, 0, 0);
    }
  }

  private void checkQueues(PortOptions options, PortInfo info) throws DpdkException {
    int most = Math.min(info.receiveQueues(), info.sendQueues());
    if (options.queues() > most) {
      throw new DpdkException(
          "%d queues on port %s, whose driver %s has %d"
              .formatted(options.queues(), port.name(), info.driver(), most),
          "use fewer workers, or a device made with more queues");
    }
    if (options.checksumOffload() && !info.canOffloadIpv4Checksum()) {
      throw new DpdkException(
          "port %s cannot compute checksums (driver %s, offloads %#x)"
              .formatted(port.name(), info.driver(), info.sendOffloads()),
          "use software checksums");
    }
  }

  /** Everything that is not set stays 0: the driver's defaults. */
  private static void fill(long conf, PortOptions options, PortInfo info) {
    if (options.queues() > 1 && info.rssFields() != 0) {
      Memory.putInt(conf + Layout2211.CONF_MQ_MODE, Layout2211.MQ_RSS);
      Memory.putLong(conf + Layout2211.CONF_RSS_FIELDS, Layout2211.RSS_FIELDS & info.rssFields());
    }
    if (options.mtu() != 0) {
      Memory.putInt(conf + Layout2211.CONF_MTU, options.mtu());
    }
    if (options.checksumOffload()) {
      Memory.putLong(conf + Layout2211.CONF_TX_OFFLOADS, Layout2211.TX_OFFLOAD_IPV4_CKSUM);
    }
  }

  private void setUpQueues(int queues, int receive, int send, long pool) throws DpdkException {
    int socket = port.socket();
    NativeFunction receiving = eal.libraries().ethdev("rte_eth_rx_queue_setup");
    NativeFunction sending = eal.libraries().ethdev("rte_eth_tx_queue_setup");
    for (int queue = 0; queue < queues; queue++) {
      String what = " for queue " + queue + " of port " + port.name();
      Port.check(
          receiving.plain(port.number(), queue, receive & 0xffff, socket, 0, pool),
          "rte_eth_rx_queue_setup" + what);
      Port.check(
          sending.plain(port.number(), queue, send & 0xffff, socket, 0, 0),
          "rte_eth_tx_queue_setup" + what);
    }
  }

  /** Neighbour discovery comes by multicast; devices without filters need not be told. */
  private void receiveMulticast() throws DpdkException {
    int failed =
        eal.libraries().ethdev("rte_eth_allmulticast_enable").plain(port.number(), 0, 0, 0);
    if (!Errno.EOPNOTSUPP.is(failed)) {
      Port.check(failed, "rte_eth_allmulticast_enable of port " + port.name());
    }
  }

  /** Virtual devices without an MTU of their own refuse: then the caller's own limit holds. */
  private void setMtu(int mtu) throws DpdkException {
    int failed = eal.libraries().ethdev("rte_eth_dev_set_mtu").plain(port.number(), mtu, 0, 0);
    boolean isUnknown = Errno.EOPNOTSUPP.is(failed);
    if (!isUnknown) {
      Port.check(failed, "rte_eth_dev_set_mtu(" + mtu + ") of port " + port.name());
    }
  }

  private void call(String function, long a, long b, long c) throws DpdkException {
    int failed = eal.libraries().ethdev(function).plain(port.number(), a, b, c);
    Port.check(failed, function + " of port " + port.name());
  }
}
