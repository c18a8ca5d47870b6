package io.synlev.health;

import io.synlev.ffi.Epoll;
import io.synlev.ffi.Errno;
import io.synlev.ffi.Sockets;
import io.synlev.state.HealthCheck.Kind;
import java.lang.foreign.MemorySegment;

/** Asks for a page, through TLS or not. */
final class HttpProbe implements Probe {
  private final Wire wire;

  /** What is between two events. */
  private static final class Session {
    final HttpAnswer answer = new HttpAnswer();
    boolean isConnected;
    long sent;
    TlsStream tls;
  }

  HttpProbe(Wire wire) {
    this.wire = wire;
  }

  @Override
  public Outcome begin(Target target) {
    Session session = target.session instanceof Session kept ? kept : new Session();
    target.session = session;
    session.isConnected = false;
    session.sent = 0;
    session.tls = null;
    session.answer.begin(target.question);
    int result = wire.connect(target, Sockets.SOCK_STREAM, 0);
    if (result == 0) {
      Outcome outcome = connected(target, session);
      return outcome == Outcome.PENDING ? wire.watch(target, interest(target, session)) : outcome;
    }
    return Errno.EINPROGRESS.is(result) ? wire.watch(target, Epoll.OUT) : Outcome.of(-result);
  }

  private static int interest(Target target, Session session) {
    boolean isWriting =
        session.tls != null
            ? session.tls.isWriting()
            : session.sent < target.question.request().byteSize();
    return isWriting ? Epoll.OUT : Epoll.IN;
  }

  @Override
  public Outcome ready(Target target, int happened) {
    Session session = (Session) target.session;
    if (!session.isConnected) {
      if ((happened & (Epoll.ERROR | Epoll.HANG_UP)) != 0) {
        return Wire.error(target);
      }
      return rewatched(target, session, connected(target, session));
    }
    if (session.tls != null) {
      return rewatched(target, session, session.tls.proceed(target));
    }
    return interest(target, session) == Epoll.OUT
        ? rewatched(target, session, send(target, session))
        : receive(target, session);
  }

  private Outcome rewatched(Target target, Session session, Outcome outcome) {
    return outcome == Outcome.PENDING ? wire.watchFor(target, interest(target, session)) : outcome;
  }

  private Outcome connected(Target target, Session session) {
    session.isConnected = true;
    if (target.subject.check().kind() == Kind.HTTPS) {
      session.tls = TlsStream.to(target, session.answer, wire);
      return session.tls == null ? Outcome.OWN_FAULT : session.tls.proceed(target);
    }
    return send(target, session);
  }

  private static Outcome send(Target target, Session session) {
    MemorySegment request = target.question.request();
    int result = Wire.send(target, request, session.sent);
    if (result < 0) {
      return Wire.mustWait(result) ? Outcome.PENDING : Outcome.of(-result);
    }
    session.sent += result;
    return Outcome.PENDING;
  }

  private Outcome receive(Target target, Session session) {
    int length = wire.receive(target);
    if (length < 0) {
      return Wire.mustWait(length) ? Outcome.PENDING : Outcome.of(-length);
    }
    Outcome outcome = length == 0 ? session.answer.end() : session.answer.take(wire.room(), length);
    target.detail = session.answer.status();
    return outcome;
  }

  @Override
  public void end(Target target) {
    if (target.session instanceof Session session) {
      session.tls = null;
    }
    Wire.close(target);
  }
}
