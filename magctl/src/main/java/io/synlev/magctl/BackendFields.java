package io.synlev.magctl;

import io.synlev.state.Addresses;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Health;
import io.synlev.state.MacAddress;
import io.synlev.state.StateException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import picocli.CommandLine.Option;

/** What people say about a backend, by option or in a {@link BackendSpec}; null where nothing. */
final class BackendFields {
  private static final String NONE = "none";

  @Option(names = "--fwmark", paramLabel = "N", description = "The mark, decimal or 0x hex.")
  String fwmark;

  @Option(names = "--weight", paramLabel = "N", description = "Its share, 0 to 10000.")
  String weight;

  @Option(names = "--ipv4", paramLabel = "ADDRESS", description = "IPv4 address, or \"none\".")
  String ipv4;

  @Option(names = "--ipv6", paramLabel = "ADDRESS", description = "IPv6 address, or \"none\".")
  String ipv6;

  @Option(names = "--mac", paramLabel = "MAC", description = "Ethernet address, or \"none\".")
  String mac;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      completionCandidates = Words.States.class,
      description = "active, draining (without an end: see drain) or inactive.")
  String state;

  @Option(
      names = "--health",
      paramLabel = "HEALTH",
      completionCandidates = Words.Healths.class,
      description = "up or down, as a check of yours found.")
  String health;

  /** Sets the field of a name; an unknown name is wrong usage. */
  void set(String field, String value, String spec) {
    switch (field) {
      case "fwmark" -> fwmark = value;
      case "weight" -> weight = value;
      case "ipv4" -> ipv4 = value;
      case "ipv6" -> ipv6 = value;
      case "mac" -> mac = value;
      case "state" -> state = value;
      case "health" -> health = value;
      default ->
          throw new UsageException(
              "'"
                  + field
                  + "' in '"
                  + spec
                  + "' is no field of a backend: there are fwmark, weight, ipv4, ipv6, mac, state,"
                  + " health");
    }
  }

  /** Whether nothing is said at all. */
  boolean isEmpty() {
    return fwmark == null
        && weight == null
        && ipv4 == null
        && ipv6 == null
        && mac == null
        && state == null
        && health == null;
  }

  /** Whether something is said that only one backend can be. */
  boolean isOnlyForOne() {
    return fwmark != null || isGiven(ipv4) || isGiven(ipv6) || isGiven(mac);
  }

  private static boolean isGiven(String value) {
    return value != null && !value.equals(NONE);
  }

  /** The mark, or 0 if none is said. */
  int mark() {
    return fwmark == null ? 0 : number("fwmark", fwmark);
  }

  /**
   * A backend with the fields that are said, and the others as they were.
   *
   * @throws UsageException if a value cannot be read
   */
  Backend applyTo(Backend before) {
    return new Backend(
        before.name(),
        fwmark == null ? before.fwmark() : mark(),
        weight == null ? before.weight() : number("weight", weight),
        state == null ? before.state() : Words.state(state),
        health == null ? before.health() : Words.health(health),
        health == null ? before.ramp() : Backend.WHOLE,
        ipv4 == null ? before.ipv4() : (Inet4Address) address(ipv4, Inet4Address.class, "ipv4"),
        ipv6 == null ? before.ipv6() : (Inet6Address) address(ipv6, Inet6Address.class, "ipv6"),
        mac == null ? before.mac() : macAddress(),
        state == null ? before.drainUntilSeconds() : 0);
  }

  /** Reads every value that is said, so that a bad one is found before anything is changed. */
  void check() {
    applyTo(new Backend("check", 1, 1, AdminState.ACTIVE, Health.UP, null, null, null));
  }

  private MacAddress macAddress() {
    try {
      return mac.equals(NONE) ? null : MacAddress.parse(mac);
    } catch (StateException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static InetAddress address(String text, Class<?> family, String field) {
    if (text.equals(NONE)) {
      return null;
    }
    InetAddress address;
    try {
      address = Addresses.parse(text);
    } catch (StateException e) {
      throw new UsageException(e.getMessage());
    }
    if (!family.isInstance(address)) {
      throw new UsageException(
          "'"
              + text
              + "' is of the other family: give it as "
              + (field.equals("ipv4") ? "ipv6" : "ipv4"));
    }
    return address;
  }

  private static int number(String field, String text) {
    try {
      return Numbers.parse(text);
    } catch (NumberFormatException e) {
      throw new UsageException(
          field + " '" + text + "' is no number: write it decimal or as 0x hex");
    }
  }
}
