package io.synlev.dpdk;

/**
 * How a port is set up.
 *
 * @param queues of each direction, one pair for each worker, 1 to 1024
 * @param receiveDescriptors packets that wait for a worker in each queue, 16 to 32768; the driver
 *     may adjust it
 * @param sendDescriptors the same for sending
 * @param mtu largest IP packet, 68 to 65535, or 0 for the driver's own
 * @param promiscuous whether frames to other stations are received, too
 * @param checksumOffload whether the port is asked to compute IPv4 header checksums; refused by
 *     drivers that cannot
 */
public record PortOptions(
    int queues,
    int receiveDescriptors,
    int sendDescriptors,
    int mtu,
    boolean promiscuous,
    boolean checksumOffload) {

  /** One queue of 1024 descriptors, the driver's MTU, not promiscuous, checksums in software. */
  public static final PortOptions DEFAULT = new PortOptions(1, 1024, 1024, 0, false, false);

  /** Checks the ranges. */
  public PortOptions {
    PoolOptions.check("queues", queues, 1, 1024);
    PoolOptions.check("receive descriptors", receiveDescriptors, 16, 32768);
    PoolOptions.check("send descriptors", sendDescriptors, 16, 32768);
    if (mtu != 0) {
      PoolOptions.check("MTU", mtu, 68, 65535);
    }
  }

  /** The same with another number of queues. */
  public PortOptions withQueues(int number) {
    return new PortOptions(
        number, receiveDescriptors, sendDescriptors, mtu, promiscuous, checksumOffload);
  }

  /** The same with another MTU. */
  public PortOptions withMtu(int bytes) {
    return new PortOptions(
        queues, receiveDescriptors, sendDescriptors, bytes, promiscuous, checksumOffload);
  }

  /** The same, with the port computing IPv4 header checksums or not. */
  public PortOptions withChecksumOffload(boolean on) {
    return new PortOptions(queues, receiveDescriptors, sendDescriptors, mtu, promiscuous, on);
  }

  /** The same, receiving frames to other stations or not. */
  public PortOptions withPromiscuous(boolean on) {
    return new PortOptions(queues, receiveDescriptors, sendDescriptors, mtu, on, checksumOffload);
  }
}
