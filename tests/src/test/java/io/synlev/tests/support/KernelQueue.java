package io.synlev.tests.support;

import java.util.List;

/**
 * A line of {@code /proc/net/netfilter/nfnetlink_queue} (net/netfilter/nfnetlink_queue.c,
 * seq_show).
 *
 * @param number the queue
 * @param port the netlink port of who serves it
 * @param waiting packets without a verdict yet
 * @param dropped packets dropped because the queue was full
 * @param notSent packets dropped because the receive buffer was full
 * @param sequence packets that were sent to user space, or tried to be
 */
public record KernelQueue(
    int number, long port, long waiting, long dropped, long notSent, long sequence) {

  /** The queues that somebody serves in the network namespace of a node. */
  public static List<KernelQueue> on(Lab lab, String node) {
    String file = "/proc/net/netfilter/nfnetlink_queue";
    return lab.run(node, "cat", file).orFail().out().lines().map(KernelQueue::parse).toList();
  }

  /** Packets sent to user space by all queues of the balancer's node. */
  public static long total(Lab lab) {
    return on(lab, Lab.LB).stream().mapToLong(KernelQueue::sequence).sum();
  }

  /** Packets that were lost at the queues of the balancer's node. */
  public static long lost(Lab lab) {
    return lost(lab, Lab.LB);
  }

  /** Packets that were lost at the queues of a node. */
  public static long lost(Lab lab, String node) {
    return on(lab, node).stream().mapToLong(queue -> queue.dropped + queue.notSent).sum();
  }

  private static KernelQueue parse(String line) {
    String[] words = line.strip().split(" +");
    return new KernelQueue(
        Integer.parseInt(words[0]),
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[5]),
        Long.parseLong(words[6]),
        Long.parseLong(words[7]));
  }
}
