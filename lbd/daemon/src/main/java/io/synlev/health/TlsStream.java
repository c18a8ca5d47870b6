package io.synlev.health;

import io.synlev.state.HealthCheck.Exchange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A question and its answer through TLS, by the JDK's engine on a socket that does not wait. For
 * one check; one thread.
 */
final class TlsStream {
  private static final Logger LOG = System.getLogger(TlsStream.class.getName());

  private static SSLContext trusting;

  private final SSLEngine engine;
  private final HttpAnswer answer;
  private final Wire wire;
  private final ByteBuffer request;
  private final ByteBuffer toSend;
  private final ByteBuffer received;
  private final ByteBuffer plain;

  private TlsStream(SSLEngine engine, HttpAnswer answer, Wire wire, Question question) {
    this.engine = engine;
    this.answer = answer;
    this.wire = wire;
    this.request = question.request().asByteBuffer();
    int packet = engine.getSession().getPacketBufferSize();
    this.toSend = ByteBuffer.allocateDirect(packet).limit(0);
    this.received = ByteBuffer.allocateDirect(packet);
    this.plain = ByteBuffer.allocateDirect(engine.getSession().getApplicationBufferSize());
  }

  /** A stream to a target that is connected; null if this JVM has no TLS. */
  static TlsStream to(Target target, HttpAnswer answer, Wire wire) {
    Subject subject = target.subject;
    Exchange exchange = subject.check().exchange();
    try {
      SSLContext context = exchange.tlsVerify() ? SSLContext.getDefault() : trusting();
      SSLEngine engine = context.createSSLEngine();
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      if (!exchange.tlsName().isEmpty()) {
        parameters.setServerNames(List.of(new SNIHostName(exchange.tlsName())));
      }
      if (exchange.tlsVerify()) {
        engine = context.createSSLEngine(exchange.tlsName(), subject.check().port());
        engine.setUseClientMode(true);
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
      }
      engine.setSSLParameters(parameters);
      return new TlsStream(engine, answer, wire, target.question);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      LOG.log(Level.ERROR, "health checks by https cannot be made: " + e);
      return null;
    }
  }

  private static synchronized SSLContext trusting() throws GeneralSecurityException {
    if (trusting == null) {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAll()}, null);
      trusting = context;
    }
    return trusting;
  }

  /** Whether it waits for room to send. */
  boolean isWriting() {
    return toSend.hasRemaining();
  }

  /** Goes on as far as it can without waiting. */
  Outcome proceed(Target target) {
    try {
      while (true) {
        if (toSend.hasRemaining()) {
          int sent = Wire.send(target, MemorySegment.ofBuffer(toSend), 0);
          if (sent < 0) {
            return Wire.mustWait(sent) ? Outcome.PENDING : Outcome.of(-sent);
          }
          toSend.position(toSend.position() + sent);
          continue;
        }
        HandshakeStatus handshake = engine.getHandshakeStatus();
        boolean isSaying = handshake == HandshakeStatus.NOT_HANDSHAKING && request.hasRemaining();
        if (handshake == HandshakeStatus.NEED_TASK) {
          engine.getDelegatedTask().run();
        } else if (handshake == HandshakeStatus.NEED_WRAP || isSaying) {
          wrap();
        } else {
          Outcome outcome = unwrap(target);
          if (outcome != null) {
            return outcome;
          }
        }
      }
    } catch (SSLException e) {
      LOG.log(Level.DEBUG, "TLS to backend " + target.name + ": " + e.getMessage());
      return Outcome.TLS;
    }
  }

  private void wrap() throws SSLException {
    toSend.clear();
    engine.wrap(request, toSend);
    toSend.flip();
  }

  /** Null if there may be more to do at once. */
  private Outcome unwrap(Target target) throws SSLException {
    received.flip();
    SSLEngineResult result = engine.unwrap(received, plain);
    received.compact();
    if (plain.position() > 0) {
      plain.flip();
      Outcome outcome = answer.take(MemorySegment.ofBuffer(plain), plain.remaining());
      target.detail = answer.status();
      plain.clear();
      if (outcome != Outcome.PENDING) {
        return outcome;
      }
    }
    if (result.getStatus() == Status.CLOSED) {
      return answer.end();
    }
    return result.getStatus() == Status.BUFFER_UNDERFLOW ? receive(target) : null;
  }

  private Outcome receive(Target target) {
    int most = Math.min(received.remaining(), Wire.ROOM);
    int length = wire.receive(target, most);
    if (length < 0) {
      return Wire.mustWait(length) ? Outcome.PENDING : Outcome.of(-length);
    }
    if (length == 0) {
      // No close_notify: somebody may have cut it, RFC 8446, 6.1; of a handshake there is no rest.
      return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
          ? Outcome.CLOSED
          : Outcome.TLS;
    }
    received.put(wire.room().asSlice(0, length).asByteBuffer());
    return null;
  }

  /** A check asks whether somebody answers; who it is, it asks with tls-verify. */
  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
