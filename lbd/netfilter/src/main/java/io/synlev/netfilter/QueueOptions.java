package io.synlev.netfilter;

import io.synlev.datapath.BatchDecider;

/**
 * What one queue is asked for. What it then got is in {@link QueueSettings}; docs/nfqueue.md tells
 * how to choose.
 *
 * @param queue the queue's number, 0 to 65535, as in {@code -j NFQUEUE --queue-num}
 * @param copyRange how many bytes of each packet, from the IP header on, are copied to user space,
 *     128 to 65531
 * @param queueLength how many packets may wait for a verdict, 1 to 1048576; further ones are
 *     dropped, or passed with {@code failOpen}
 * @param receiveBuffer bytes of the socket's receive buffer, 65536 to 1 GiB; the kernel doubles it
 * @param failOpen whether packets pass undecided when the queue is full, instead of being dropped
 * @param gso whether the kernel may queue a large packet of a TCP stream unsegmented: one decision
 *     then does for all of it
 * @param batch the most packets that are decided together, 1 to {@link BatchDecider#MAX_BATCH}
 */
public record QueueOptions(
    int queue,
    int copyRange,
    int queueLength,
    int receiveBuffer,
    boolean failOpen,
    boolean gso,
    int batch) {

  /**
   * Headers only: the longest IPv4 and TCP headers take 120 bytes, an ICMP error with the packet
   * inside 136, IPv6 with TCP 100; the rest is for IPv6 extension headers (156 bytes of them).
   */
  public static final int DEFAULT_COPY_RANGE = 256;

  /** About 16 ms of packets at 250,000 a second, the rate at which one core is full. */
  public static final int DEFAULT_QUEUE_LENGTH = 4096;

  /**
   * With its doubling, room for 6,500 packets that the default copy range cuts (1280 bytes each in
   * the kernel) or 10,000 small ones (832 bytes): the queue length is the limit that is met first.
   */
  public static final int DEFAULT_RECEIVE_BUFFER = 4 << 20;

  /** So many slots of the default copy range take 40 KiB and stay in the L1 cache. */
  public static final int DEFAULT_BATCH = 64;

  private static final int MAX_COPY_RANGE = 65531;

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException with the value and its range
   */
  public QueueOptions {
    check("queue number", queue, 0, 65535);
    check("copy range", copyRange, 128, MAX_COPY_RANGE);
    check("queue length", queueLength, 1, 1 << 20);
    check("receive buffer", receiveBuffer, 1 << 16, 1 << 30);
    check("batch", batch, 1, BatchDecider.MAX_BATCH);
  }

  private static void check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " " + value + " is out of range: use " + least + " to " + most);
    }
  }

  /** The defaults for a queue. */
  public static QueueOptions of(int queue) {
    return new QueueOptions(
        queue,
        DEFAULT_COPY_RANGE,
        DEFAULT_QUEUE_LENGTH,
        DEFAULT_RECEIVE_BUFFER,
        false,
        true,
        DEFAULT_BATCH);
  }

  /** The same for another queue. */
  public QueueOptions withQueue(int number) {
    return new QueueOptions(number, copyRange, queueLength, receiveBuffer, failOpen, gso, batch);
  }

  /** The same with another copy range in bytes. */
  public QueueOptions withCopyRange(int bytes) {
    return new QueueOptions(queue, bytes, queueLength, receiveBuffer, failOpen, gso, batch);
  }

  /** The same with another queue length in packets. */
  public QueueOptions withQueueLength(int packets) {
    return new QueueOptions(queue, copyRange, packets, receiveBuffer, failOpen, gso, batch);
  }

  /** The same with another receive buffer in bytes. */
  public QueueOptions withReceiveBuffer(int bytes) {
    return new QueueOptions(queue, copyRange, queueLength, bytes, failOpen, gso, batch);
  }

  /** The same, passing packets or not when the queue is full. */
  public QueueOptions withFailOpen(boolean pass) {
    return new QueueOptions(queue, copyRange, queueLength, receiveBuffer, pass, gso, batch);
  }

  /** The same, taking large packets unsegmented or not. */
  public QueueOptions withGso(boolean unsegmented) {
    return new QueueOptions(
        queue, copyRange, queueLength, receiveBuffer, failOpen, unsegmented, batch);
  }

  /** The same with another most number of packets decided together. */
  public QueueOptions withBatch(int packets) {
    return new QueueOptions(queue, copyRange, queueLength, receiveBuffer, failOpen, gso, packets);
  }
}
