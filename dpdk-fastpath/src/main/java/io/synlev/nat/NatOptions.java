package io.synlev.nat;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.state.Prefix;
import java.util.HashSet;
import java.util.List;

/**
 * What address translation is to be.
 *
 * @param sources the addresses that backends see, IPv4 and IPv6, each a single one; at most {@value
 *     #MOST_SOURCES} of a family, none twice
 * @param firstPort the lowest source port, 1 to 65535
 * @param lastPort the highest one, {@code firstPort} to 65535; each worker gets an equal, disjoint
 *     part of at least one port, and what does not divide is not used
 * @param workers how many workers translate, 1 to {@value #MOST_WORKERS}
 * @param sessions the most sessions of each worker, {@value #LEAST_SESSIONS} to {@value
 *     #MOST_SESSIONS}
 * @param timeouts how long idle sessions live; SCTP is not translated, so its own is not used
 * @param timeWait seconds for which the port of a closed TCP session is not given out again, 1 to
 *     {@value FlowTimeouts#MOST}
 */
public record NatOptions(
    List<Prefix> sources,
    int firstPort,
    int lastPort,
    int workers,
    int sessions,
    FlowTimeouts timeouts,
    int timeWait) {

  /** RFC 6335, section 6: those below are for services. */
  public static final int DEFAULT_FIRST_PORT = 1024;

  /** The highest port there is. */
  public static final int DEFAULT_LAST_PORT = 65535;

  /** 262,144: four source addresses' ports. */
  public static final int DEFAULT_SESSIONS = 1 << 18;

  /**
   * 120 s, as IPVS and the kernel's connection tracking have it: twice what a Linux backend keeps
   * its own end of a connection that it closed.
   */
  public static final int DEFAULT_TIME_WAIT = 120;

  /** As many bits as a long has. */
  public static final int MOST_SOURCES = 64;

  /** As many as DPDK's datapath may have. */
  public static final int MOST_WORKERS = 128;

  /** The fewest sessions. */
  public static final int LEAST_SESSIONS = 64;

  /** 8 Mi: 1 GiB. */
  public static final int MOST_SESSIONS = 1 << 23;

  private static final int MOST_PORT = 0xffff;

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException with the value and its range
   */
  public NatOptions {
    sources = List.copyOf(sources);
    check("first source port", firstPort, 1, MOST_PORT);
    check("last source port", lastPort, firstPort, MOST_PORT);
    check("workers", workers, 1, MOST_WORKERS);
    check("sessions", sessions, LEAST_SESSIONS, MOST_SESSIONS);
    check("seconds of TIME_WAIT", timeWait, 1, FlowTimeouts.MOST);
    checkSources(sources);
    if ((lastPort - firstPort + 1) / workers == 0) {
      throw new IllegalArgumentException(
          "source ports %d to %d are fewer than %d workers: each needs its own"
              .formatted(firstPort, lastPort, workers));
    }
  }

  /** All source ports from 1024 on, 262,144 sessions a worker, usual timeouts. */
  public static NatOptions of(List<Prefix> sources, int workers) {
    return new NatOptions(
        sources,
        DEFAULT_FIRST_PORT,
        DEFAULT_LAST_PORT,
        workers,
        DEFAULT_SESSIONS,
        FlowTimeouts.DEFAULT,
        DEFAULT_TIME_WAIT);
  }

  private static void checkSources(List<Prefix> sources) {
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("address translation needs a source address, at least");
    }
    for (Prefix source : sources) {
      if (!source.isHost()) {
        throw new IllegalArgumentException(
            "source " + source + " is no single address: name each one");
      }
    }
    long ipv6 = sources.stream().filter(Prefix::ipv6).count();
    check("IPv6 source addresses", ipv6, 0, MOST_SOURCES);
    check("IPv4 source addresses", sources.size() - ipv6, 0, MOST_SOURCES);
    if (new HashSet<>(sources).size() != sources.size()) {
      throw new IllegalArgumentException("a source address is named twice");
    }
  }

  private static void check(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " " + value + " is out of range: use " + least + " to " + most);
    }
  }

  /** How many ports of each source address and protocol a worker has. */
  public int portsPerWorker() {
    return (lastPort - firstPort + 1) / workers;
  }

  /** How much memory one worker's table takes; it begins at a cache line, zeroed. */
  public long bytes() {
    return new Layout(this).bytes;
  }
}
