package io.synlev.netfilter;

import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.HeldPackets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Queues for fragments, which are copied whole: early ones are held and come in again by a tun
 * device.
 *
 * <p>Each queue has a thread, and each thread a memory of its own. So all fragments of a datagram
 * must come by one queue: iptables' {@code --queue-balance}, which goes by addresses and protocol,
 * does that, {@code --queue-cpu-fanout} does not.
 *
 * @param queues at least one; their copy range is at least {@link #COPY_RANGE}
 * @param tun name of the device, 1 to 15 letters, digits, '.', '_' or '-'
 * @param heldPackets the most early fragments of each queue
 * @param heldBytes the most bytes of them
 * @param balancers by which interfaces other balancers' fragments come in
 * @param deciders makes the decider of each worker
 */
public record FragmentQueues(
    List<QueueOptions> queues,
    String tun,
    int heldPackets,
    int heldBytes,
    BalancerLinks balancers,
    Deciders deciders) {

  /** Everything: the longest that nfnetlink_queue copies, 65535 less an attribute's header. */
  public static final int COPY_RANGE = 65531;

  /** Slots are as long as packets can be, so a batch of 16 takes 1 MiB. */
  public static final int DEFAULT_BATCH = 16;

  /** The device's name, unless another is given. */
  public static final String DEFAULT_TUN = "synlev0";

  /** Makes deciders that hold packets. */
  @FunctionalInterface
  public interface Deciders {

    /**
     * Makes the decider of one worker.
     *
     * @param worker its number among all workers, those of other queues first
     * @param held holds packets for it
     */
    BatchDecider decider(int worker, HeldPackets held);
  }

  /** Checks what cannot work. */
  public FragmentQueues {
    queues = List.copyOf(queues);
    if (queues.isEmpty()) {
      throw new IllegalArgumentException("no fragment queue was given: use at least one");
    }
    checkInterface(tun);
    for (QueueOptions queue : queues) {
      if (queue.copyRange() < COPY_RANGE) {
        throw new IllegalArgumentException(
            "fragment queue "
                + queue.queue()
                + " copies "
                + queue.copyRange()
                + " bytes: held fragments need "
                + COPY_RANGE);
      }
    }
  }

  /**
   * Checks the name of an interface.
   *
   * @throws IllegalArgumentException if no interface can have it
   */
  public static void checkInterface(String name) {
    if (!name.matches("[A-Za-z0-9._-]{1,15}") || name.matches("\\.{1,2}")) {
      throw new IllegalArgumentException(
          "'" + name + "' is no name of an interface: 1 to 15 letters, digits, '.', '_' or '-'");
    }
  }

  /**
   * The options of consecutive fragment queues: whole copies, small batches, no large packets; a
   * longer queue than usual, since fragments come in bursts, and a buffer that takes it.
   */
  public static List<QueueOptions> queues(int first, int last) {
    return IntStream.rangeClosed(first, last)
        .mapToObj(
            queue ->
                QueueOptions.of(queue)
                    .withCopyRange(COPY_RANGE)
                    .withGso(false)
                    .withQueueLength(8192)
                    .withReceiveBuffer(16 << 20)
                    .withBatch(DEFAULT_BATCH))
        .toList();
  }
}
