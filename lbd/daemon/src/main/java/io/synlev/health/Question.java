package io.synlev.health;

import io.synlev.ffi.SocketAddress;
import io.synlev.state.HealthCheck;
import io.synlev.state.HealthCheck.Exchange;
import io.synlev.state.HealthCheck.Kind;
import io.synlev.state.Payload;
import io.synlev.state.StatusSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** What is sent to a backend and what must be in its answer, ready for native calls. Immutable. */
final class Question {
  private final SocketAddress to;
  private final MemorySegment mark;
  private final MemorySegment request;
  private final Needle needle;
  private final StatusSet status;

  /** Prepares a question. */
  Question(Subject subject) {
    HealthCheck check = subject.check();
    Exchange exchange = check.exchange();
    Arena arena = Arena.ofAuto();
    this.to = subject.address() == null ? null : new SocketAddress(subject.address(), check.port());
    this.mark = arena.allocateFrom(ValueLayout.JAVA_INT, subject.mark());
    byte[] bytes =
        switch (check.kind()) {
          case UDP -> Payload.parse(exchange.request());
          case HTTP, HTTPS -> http(check, subject.host()).getBytes(StandardCharsets.US_ASCII);
          default -> new byte[0];
        };
    this.request = arena.allocate(Math.max(1, bytes.length), 8).asSlice(0, bytes.length);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, request, 0, bytes.length);
    this.needle =
        new Needle(
            check.kind() == Kind.UDP
                ? Payload.parse(exchange.response())
                : exchange.body().getBytes(StandardCharsets.UTF_8));
    this.status = StatusSet.parse(exchange.status());
  }

  /** RFC 9112. */
  private static String http(HealthCheck check, String address) {
    Exchange exchange = check.exchange();
    boolean isUsualPort = check.port() == (check.kind() == Kind.HTTPS ? 443 : 80);
    String host =
        exchange.host().isEmpty()
            ? address + (isUsualPort ? "" : ":" + check.port())
            : exchange.host();
    return "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: synlev-health\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        .formatted(exchange.path(), host);
  }

  /** Who is asked, or null. */
  SocketAddress to() {
    return to;
  }

  /** Where the mark stands, an int. */
  long markAddress() {
    return mark.address();
  }

  /** What is sent. */
  MemorySegment request() {
    return request;
  }

  /** What the answer must contain. */
  Needle needle() {
    return needle;
  }

  /** Codes that are good. */
  StatusSet status() {
    return status;
  }
}
