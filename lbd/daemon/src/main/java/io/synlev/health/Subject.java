package io.synlev.health;

import io.synlev.ffi.SocketAddress;
import io.synlev.state.Addresses;
import io.synlev.state.Backend;
import io.synlev.state.HealthCheck;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Objects;

/**
 * A backend as it is to be asked. Immutable; two are equal if they are asked alike.
 *
 * <p>What a check needs of it in native memory is made once, here, and not at each check.
 */
final class Subject {
  private final String pool;
  private final String backend;
  private final InetAddress ipv4;
  private final InetAddress ipv6;
  private final HealthCheck check;
  private final InetAddress address;
  private final int mark;
  private final Outcome problem;
  private final SocketAddress to;
  private final Question question;

  /**
   * Describes a backend.
   *
   * @param address who is asked, or null
   * @param mark of the packets, 0 for none
   * @param problem why it cannot be asked, or null
   */
  Subject(
      String pool,
      Backend backend,
      HealthCheck check,
      InetAddress address,
      int mark,
      Outcome problem) {
    this.pool = pool;
    this.backend = backend.name();
    this.ipv4 = backend.ipv4();
    this.ipv6 = backend.ipv6();
    this.check = check;
    this.address = address;
    this.mark = mark;
    this.problem = problem;
    this.to = address == null ? null : new SocketAddress(address, check.port());
    this.question = new Question(check, address == null ? "" : host(address), mark);
  }

  private String host(InetAddress of) {
    String text = Addresses.format(of);
    return of instanceof Inet6Address ? "[" + text + "]" : text;
  }

  String pool() {
    return pool;
  }

  String backend() {
    return backend;
  }

  InetAddress ipv4() {
    return ipv4;
  }

  InetAddress ipv6() {
    return ipv6;
  }

  HealthCheck check() {
    return check;
  }

  /** Who is asked, or null. */
  InetAddress address() {
    return address;
  }

  int mark() {
    return mark;
  }

  /** Why it cannot be asked, or null. */
  Outcome problem() {
    return problem;
  }

  SocketAddress to() {
    return to;
  }

  Question question() {
    return question;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Subject that
        && pool.equals(that.pool)
        && backend.equals(that.backend)
        && Objects.equals(ipv4, that.ipv4)
        && Objects.equals(ipv6, that.ipv6)
        && check.equals(that.check)
        && Objects.equals(address, that.address)
        && mark == that.mark
        && problem == that.problem;
  }

  @Override
  public int hashCode() {
    return Objects.hash(pool, backend, address, mark);
  }
}
