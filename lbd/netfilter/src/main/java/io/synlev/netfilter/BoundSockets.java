package io.synlev.netfilter;

import io.synlev.ffi.Descriptors;
import java.util.List;
import java.util.Optional;

/**
 * What holds the queues of a datapath: descriptors that another process can read on. The kernel
 * lets a queue go when the last descriptor of its socket is closed, and takes verdicts from each of
 * them alike.
 *
 * @param queues in any order
 * @param tun the device by which held packets come in again, or null
 */
public record BoundSockets(List<Queue> queues, Tun tun) {

  /** None. */
  public static final BoundSockets NONE = new BoundSockets(List.of(), null);

  /**
   * A bound queue.
   *
   * @param number the queue's
   * @param copyRange how many bytes of each packet are copied, as long as nobody changes it
   * @param descriptor its netlink socket
   */
  public record Queue(int number, int copyRange, int descriptor) {}

  /**
   * A tun device.
   *
   * @param name the interface's
   * @param descriptor of /dev/net/tun
   */
  public record Tun(String name, int descriptor) {}

  /** Keeps the order. */
  public BoundSockets {
    queues = List.copyOf(queues);
  }

  /** The socket of a queue, if it is bound. */
  Optional<Queue> queue(int number) {
    return queues.stream().filter(queue -> queue.number() == number).findAny();
  }

  /** All but a queue. */
  BoundSockets without(Queue queue) {
    return new BoundSockets(queues.stream().filter(each -> !each.equals(queue)).toList(), tun);
  }

  /** The queues alone. */
  BoundSockets withoutTun() {
    return new BoundSockets(queues, null);
  }

  /** Closes all descriptors. */
  public void close() {
    queues.forEach(queue -> Descriptors.close(queue.descriptor()));
    if (tun != null) {
      Descriptors.close(tun.descriptor());
    }
  }
}
