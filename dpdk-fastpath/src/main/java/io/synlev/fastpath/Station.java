package io.synlev.fastpath;

import io.synlev.dpdk.Mbuf;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PortQueue;
import java.lang.foreign.Arena;

/**
 * What a worker does at one of its ports with frames that are not for a backend: it answers for its
 * addresses, learns, and passes the rest on. Neither allocates nor throws.
 */
final class Station {

  private final PortQueue port;
  private final PacketPool pool;
  private final long mac;
  private final Arp arp;
  private final Discovery discovery;
  private final Echo echo;
  private final ExceptionPort kernel;
  private final Counters counters;
  private final MbufList answering;
  private final MbufList freeing;

  /**
   * Makes one.
   *
   * @param mac the port's address
   * @param kernel null if what is not ours is dropped
   * @param burst most frames before a {@link #flush}
   */
  Station(
      Arena arena,
      PortQueue port,
      PacketPool pool,
      long mac,
      LocalAddresses local,
      Resolver resolver,
      ExceptionPort kernel,
      int burst,
      Counters counters) {
    this.port = port;
    this.pool = pool;
    this.mac = mac;
    this.kernel = kernel;
    this.counters = counters;
    arp = new Arp(local, resolver, counters);
    discovery = new Discovery(local, resolver, counters);
    echo = new Echo(local, counters);
    answering = new MbufList(arena, burst);
    freeing = new MbufList(arena, burst);
  }

  /** Takes a frame without an IP packet. */
  void takeFrame(long mbuf, long nowNanos) {
    int l2 = Ethernet.arpOffset(Mbuf.data(mbuf), Mbuf.dataLength(mbuf));
    if (l2 == 0) {
      counters.add(FastPathCounter.NOT_IP, 1);
      put(mbuf, Fate.PASS, null);
    } else {
      boolean isTaken = isForUs(mbuf) && Mbuf.segments(mbuf) == 1;
      put(mbuf, isTaken ? arp.take(mbuf, l2, mac, nowNanos) : Fate.FREE, null);
    }
  }

  /**
   * Takes an IP packet that has no backend.
   *
   * @param l2 bytes before it
   * @param otherwise what becomes of it if it is none that we answer
   * @param counter counts it then
   */
  void takePacket(long mbuf, int l2, Fate otherwise, FastPathCounter counter, long nowNanos) {
    long ip = Mbuf.data(mbuf) + l2;
    int there = Mbuf.dataLength(mbuf) - l2;
    if (!isForUs(mbuf) || Mbuf.segments(mbuf) != 1) {
      put(mbuf, otherwise, counter);
    } else if (Discovery.isOne(ip, there)) {
      put(mbuf, discovery.take(mbuf, l2, mac, nowNanos), null);
    } else if (echo.isForUs(ip, there)) {
      put(mbuf, echo.answer(mbuf, l2, mac), null);
    } else {
      put(mbuf, otherwise, counter);
    }
  }

  /** Not to another station, which promiscuous ports hear, too. */
  private boolean isForUs(long mbuf) {
    long to = Ethernet.to(Mbuf.data(mbuf));
    return to == mac || Ethernet.isMulticast(to);
  }

  private void put(long mbuf, Fate fate, FastPathCounter counter) {
    if (fate == Fate.ANSWER) {
      answering.add(mbuf);
      return;
    }
    if (fate == Fate.PASS && kernel != null) {
      kernel.add(mbuf);
      return;
    }
    if (counter != null) {
      counters.add(counter, 1);
    }
    freeing.add(mbuf);
  }

  /** Sends answers, passes the kernel's frames on, frees the rest. */
  void flush() {
    int count = answering.count();
    if (count > 0) {
      int sent = answering.send(port, pool, false);
      if (sent < count) {
        counters.add(FastPathCounter.REFUSED, count - sent);
      }
    }
    if (kernel != null) {
      kernel.flush();
    }
    freeing.free(pool);
  }
}
