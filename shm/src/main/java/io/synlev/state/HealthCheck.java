package io.synlev.state;

import java.net.InetAddress;
import java.util.Map;

/**
 * How it is found out whether the backends of a pool serve: what is asked, by which way, how often,
 * and what follows from the answers. docs/health.md explains each part.
 *
 * @param kind what is asked
 * @param via which way the question takes
 * @param vip the address that is asked by way of forwarding, or null for the first VIP of the
 *     pool's services
 * @param port the port that is asked, 1 to 65535; 0 for a kind that has none
 * @param rhythm how often, and how many answers count
 * @param keepWhenAllDown whether the last set stays in use when no backend answers any more
 * @param slowStartMillis how long a backend that came back takes to get all of its weight; 0 for at
 *     once
 * @param exchange what is said, and what must be answered
 */
public record HealthCheck(
    Kind kind,
    Via via,
    InetAddress vip,
    int port,
    Rhythm rhythm,
    boolean keepWhenAllDown,
    int slowStartMillis,
    Exchange exchange) {

  /** What is asked. */
  public enum Kind {
    /** Whether a connection can be made. */
    TCP(true, 0),
    /** Whether a page has a status and perhaps a text. */
    HTTP(true, 80),
    /** The same through TLS. */
    HTTPS(true, 443),
    /** Whether a datagram is answered. */
    UDP(true, 0),
    /** Whether a ping is answered. */
    ICMP(false, 0),
    /** Whether a program ends with 0. */
    COMMAND(false, 0);

    private final boolean hasPort;
    private final int usualPort;

    Kind(boolean hasPort, int usualPort) {
      this.hasPort = hasPort;
      this.usualPort = usualPort;
    }

    /** The name in commands. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether a port is asked. */
    public boolean hasPort() {
      return hasPort;
    }

    int usualPort() {
      return usualPort;
    }
  }

  /** Which way a question takes. */
  public enum Via {
    /** To the VIP, with the backend's mark: the way of clients' packets. */
    FORWARDING,
    /** To the backend's own address, without a mark. */
    DIRECT;

    /** The name in commands. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * When checks are made and how many count.
   *
   * @param intervalMillis from the begin of a check to that of the next, 10 ms to an hour
   * @param timeoutMillis how long an answer may take, 10 ms to an hour
   * @param rise how many good answers in a row bring a backend up, 1 to 100
   * @param fall how many bad ones in a row bring it down, 2 to 100: one lost packet moves nothing
   * @param jitterPercent up to how much an interval is shortened at random, 0 to 50
   * @param backOffMillis up to how long the interval grows while a backend stays down; 0 not at all
   */
  public record Rhythm(
      int intervalMillis,
      int timeoutMillis,
      int rise,
      int fall,
      int jitterPercent,
      int backOffMillis) {}

  /**
   * What is said and what must be answered; empty where a kind has no use for it.
   *
   * @param path of HTTP
   * @param host the Host of HTTP; empty for the address that is asked
   * @param status accepted by HTTP, such as {@code 200-399} or {@code 200,204}
   * @param body a text that HTTP's body must contain; empty for any
   * @param tlsName the server name in TLS; empty for none
   * @param tlsVerify whether the certificate must be trusted and name {@code tlsName}
   * @param request of UDP: a text, or {@code hex:} and hexadecimal digits
   * @param response what UDP's answer must contain, written likewise; empty for any
   * @param command path of the program
   */
  public record Exchange(
      String path,
      String host,
      String status,
      String body,
      String tlsName,
      boolean tlsVerify,
      String request,
      String response,
      String command) {}

  /** Takes a check word by word. */
  public static Builder builder() {
    return new Builder();
  }

  /** Whether it is asked by way of forwarding. */
  public boolean isForwarded() {
    return via == Via.FORWARDING;
  }

  /**
   * The same in words, by the names of a configuration file, in their order; what is as usual is
   * left out.
   */
  public Map<String, String> fields() {
    return HealthCheckWords.of(this);
  }

  /** A check in the making. For one thread. */
  public static final class Builder {
    private final HealthCheckWords words = new HealthCheckWords();

    private Builder() {}

    /**
     * Sets a part.
     *
     * @param field its name in a configuration file
     * @throws StateException if there is no such part, or it cannot have this value
     */
    public Builder set(String field, String value) {
      words.set(field, value);
      return this;
    }

    /** Sets all that another check has otherwise than usual. */
    public Builder setAll(HealthCheck other) {
      other.fields().forEach(this::set);
      return this;
    }

    /**
     * The check.
     *
     * @throws StateException if something is missing, or parts contradict each other
     */
    public HealthCheck build() {
      return words.build();
    }
  }
}
