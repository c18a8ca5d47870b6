package io.synlev.lbd;

import io.synlev.netfilter.FragmentQueues;
import io.synlev.netfilter.QueueOptions;
import io.synlev.steering.fragment.FragmentOptions;
import java.util.List;

/**
 * What a daemon is asked to do with fragments; docs/fragments.md.
 *
 * <p>Each fragment queue has a thread, and each of these a memory of its own: the fragments of a
 * datagram must all come by one queue, as {@code --queue-balance} sends them. Other queues have
 * none; a fragment there goes by its addresses.
 *
 * @param queues consecutive queues, at least one, that copy whole packets
 * @param tun the device by which held fragments come in again
 * @param tierInterfaces by which other balancers' fragments come in; empty without a tier
 * @param options how much is remembered and held, by each thread
 */
record FragmentSettings(
    List<QueueOptions> queues, String tun, List<String> tierInterfaces, FragmentOptions options) {

  /**
   * Checks the names.
   *
   * @throws IllegalArgumentException if no interface can have it
   */
  FragmentSettings {
    FragmentQueues.checkInterface(tun);
    tierInterfaces.forEach(FragmentQueues::checkInterface);
    if (tierInterfaces.contains(tun)) {
      throw new IllegalArgumentException(
          "'" + tun + "' is the tun, so it cannot be a --tier-interface");
    }
  }

  /** How much each thread remembers, for people. */
  @Override
  public String toString() {
    return "fragments: queues "
        + queues.getFirst().queue()
        + " to "
        + queues.getLast().queue()
        + ", each thread remembers "
        + options.datagrams()
        + " datagrams for "
        + options.lifeNanos() / 1_000_000
        + " ms and holds "
        + options.heldFragments()
        + " early fragments of "
        + options.heldBytes()
        + " bytes together";
  }
}
