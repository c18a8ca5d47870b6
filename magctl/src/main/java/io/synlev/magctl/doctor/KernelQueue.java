package io.synlev.magctl.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A queue that somebody has bound, as the kernel sees it; nfnetlink_queue.c, seq_show.
 *
 * @param number the queue's
 * @param portId netlink port id of the socket that holds it
 * @param waiting packets without a verdict
 * @param copyRange bytes copied of each packet
 * @param queueDropped packets lost because too many waited
 * @param userDropped packets lost because the socket's buffer was full
 * @param queued packets ever queued
 */
public record KernelQueue(
    int number,
    long portId,
    long waiting,
    long copyRange,
    long queueDropped,
    long userDropped,
    long queued) {
  private static final String QUEUES = "/proc/net/netfilter/nfnetlink_queue";
  private static final String SOCKETS = "/proc/net/netlink";
  private static final String NETFILTER_PROTOCOL = "12";
  private static final int FIELDS = 8;

  /** Whether the kernel can queue at all: the file is there. */
  public static boolean isOffered(Host host) {
    return host.has(QUEUES);
  }

  /** Whether it tells which queues there are: the file is root's. */
  public static boolean isVisible(Host host) {
    return host.text(QUEUES).isPresent();
  }

  /** All that are bound in this network namespace. */
  public static List<KernelQueue> all(Host host) {
    List<KernelQueue> queues = new ArrayList<>();
    for (String line : host.lines(QUEUES)) {
      String[] fields = line.strip().split("\\s+");
      if (fields.length >= FIELDS && fields[0].matches("[0-9]+")) {
        queues.add(
            new KernelQueue(
                Integer.parseInt(fields[0]),
                Long.parseLong(fields[1]),
                Long.parseLong(fields[2]),
                Long.parseLong(fields[4]),
                Long.parseLong(fields[5]),
                Long.parseLong(fields[6]),
                Long.parseLong(fields[7])));
      }
    }
    return queues;
  }

  /** One of them, if it is bound. */
  public static Optional<KernelQueue> of(Host host, int number) {
    return all(host).stream().filter(queue -> queue.number == number).findFirst();
  }

  /** The process that holds it, such as {@code process 4711 (nfqlb)}, as far as it can be seen. */
  public String holder(Host host) {
    for (String line : host.lines(SOCKETS)) {
      String[] fields = line.strip().split("\\s+");
      if (fields.length > 9
          && fields[1].equals(NETFILTER_PROTOCOL)
          && fields[2].equals(String.valueOf(portId))) {
        return process(host, "socket:[" + fields[9] + "]");
      }
    }
    return "netlink port id " + portId;
  }

  private String process(Host host, String socket) {
    for (String pid : host.names("/proc")) {
      if (Character.isDigit(pid.charAt(0))) {
        String descriptors = "/proc/" + pid + "/fd";
        for (String descriptor : host.names(descriptors)) {
          if (host.link(descriptors + "/" + descriptor).filter(socket::equals).isPresent()) {
            return "process "
                + pid
                + host.text("/proc/" + pid + "/comm").map(c -> " (" + c + ")").orElse("");
          }
        }
      }
    }
    return "netlink port id " + portId;
  }
}
