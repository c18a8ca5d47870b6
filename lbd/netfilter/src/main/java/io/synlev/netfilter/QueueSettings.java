package io.synlev.netfilter;

/**
 * What is in force on a bound queue.
 *
 * @param options what was asked for; the kernel acknowledged queue length, flags and copy range
 * @param portId the netlink port id that holds the queue, as the kernel's table shows it
 * @param copyRange bytes copied of each packet, as the kernel reports them, or -1 when its table
 *     cannot be read
 * @param receiveBuffer bytes of the receive buffer as getsockopt(2) reports them: twice what could
 *     be set
 */
public record QueueSettings(QueueOptions options, long portId, int copyRange, int receiveBuffer) {

  @Override
  public String toString() {
    return "queue "
        + options.queue()
        + ": port id "
        + portId
        + ", copy range "
        + (copyRange < 0 ? "unknown" : copyRange + " bytes")
        + ", queue length "
        + options.queueLength()
        + " packets, receive buffer "
        + receiveBuffer
        + " bytes"
        + (receiveBuffer < 2L * options.receiveBuffer()
            ? " (asked for "
                + 2L * options.receiveBuffer()
                + ": raise net.core.rmem_max or give CAP_NET_ADMIN)"
            : "")
        + ", fail-open "
        + (options.failOpen() ? "on" : "off")
        + ", gso "
        + (options.gso() ? "on" : "off")
        + ", batch "
        + options.batch();
  }
}
