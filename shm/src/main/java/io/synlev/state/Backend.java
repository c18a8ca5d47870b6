package io.synlev.state;

import io.synlev.hash.XxHash64;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;

/**
 * One real server of a pool.
 *
 * @param name unique in the pool
 * @param fwmark the mark that names it to the kernel: not 0, unique in the instance, within the
 *     instance's mask
 * @param weight its share, 0 to {@value #MAX_WEIGHT}; 0 takes no new flows
 * @param state what people decided
 * @param health what checks found out
 * @param ramp how much of its weight it has, 1 to {@value #WHOLE} percent: less than all of it
 *     while it starts slowly after it was down
 * @param ipv4 its address or next hop, or null
 * @param ipv6 its address or next hop, or null
 * @param mac its Ethernet address for the layer-2 fast path, or null
 * @param drainUntilSeconds when its drain ends at the latest, in seconds since 1970 (UTC); 0 for
 *     one that does not drain, or drains until people say otherwise
 */
public record Backend(
    String name,
    int fwmark,
    int weight,
    AdminState state,
    Health health,
    int ramp,
    Inet4Address ipv4,
    Inet6Address ipv6,
    MacAddress mac,
    long drainUntilSeconds) {
  /** The largest weight. */
  public static final int MAX_WEIGHT = 10_000;

  /** The ramp of a backend that has all of its weight. */
  public static final int WHOLE = 100;

  public Backend {
    Names.check("backend", name);
    if (fwmark == 0) {
      throw new StateException(
          "backend '" + name + "' with fwmark 0: 0 means 'not marked'; choose another");
    }
    if (weight < 0 || weight > MAX_WEIGHT) {
      throw new StateException(
          "backend '" + name + "' with weight " + weight + ": choose from 0 to " + MAX_WEIGHT);
    }
    if (ramp < 1 || ramp > WHOLE) {
      throw new StateException(
          "backend '" + name + "' with " + ramp + " % of its weight: choose from 1 to " + WHOLE);
    }
    if (drainUntilSeconds < 0 || drainUntilSeconds != 0 && state != AdminState.DRAINING) {
      throw new StateException(
          "backend '"
              + name
              + "' is "
              + state.label()
              + " with an end of its drain: only one that is draining has an end to come");
    }
  }

  /** One with all of its weight whose drain, if it is draining, has no end. */
  public Backend(
      String name,
      int fwmark,
      int weight,
      AdminState state,
      Health health,
      Inet4Address ipv4,
      Inet6Address ipv6,
      MacAddress mac) {
    this(name, fwmark, weight, state, health, WHOLE, ipv4, ipv6, mac, 0);
  }

  /** An active backend of weight 1 without addresses. */
  public static Backend of(String name, int fwmark) {
    return new Backend(name, fwmark, 1, AdminState.ACTIVE, Health.UP, null, null, null);
  }

  /** The same backend in another state; if that is draining, without an end. */
  public Backend with(AdminState newState) {
    return new Backend(name, fwmark, weight, newState, health, ramp, ipv4, ipv6, mac, 0);
  }

  /** The same backend with what checks found out. */
  public Backend with(Health found, int newRamp) {
    return new Backend(
        name, fwmark, weight, state, found, newRamp, ipv4, ipv6, mac, drainUntilSeconds);
  }

  /**
   * The same backend, draining.
   *
   * @param untilSeconds when the drain ends at the latest, in seconds since 1970; more than 0
   */
  public Backend drainingUntil(long untilSeconds) {
    return new Backend(
        name, fwmark, weight, AdminState.DRAINING, health, ramp, ipv4, ipv6, mac, untilSeconds);
  }

  /**
   * A number that stays a backend's for as long as it and its pool have their names, and is another
   * one for another backend that gets its fwmark.
   */
  public static long identity(String pool, String backend) {
    return XxHash64.hash((pool + '/' + backend).getBytes(StandardCharsets.US_ASCII), 0);
  }

  /** Whether it becomes inactive by itself, when its flows have ended or the time is up. */
  public boolean drainEnds() {
    return drainUntilSeconds != 0;
  }

  /** Whether new flows may go there, so that it has slots in the table. */
  public boolean takesNewFlows() {
    return state == AdminState.ACTIVE && health == Health.UP && weight > 0;
  }
}
