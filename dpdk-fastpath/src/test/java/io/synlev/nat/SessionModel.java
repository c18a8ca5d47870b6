package io.synlev.nat;

/**
 * What a test knows of a session: whether it lives, by the packets that were seen and the drawing
 * in docs/dpdk-nat.md. Shares nothing with the code under test.
 */
final class SessionModel {

  enum State {
    YOUNG(20),
    ESTABLISHED(200),
    CLOSING(60),
    TIME_WAIT(40),
    UDP(100),
    OVER(-1);

    private final long seconds;

    State(long seconds) {
      this.seconds = seconds;
    }
  }

  enum Known {
    ALIVE,
    OVER,

    /** It may live for a while longer than it must. */
    EITHER
  }

  /** What its client sent, without data. */
  final Packet client;

  final String source;
  final int sourcePort;
  final String backend;
  final long number;
  long mac;
  State state;

  private boolean isAnswered;
  private boolean hasClientFin;
  private boolean hasBackendFin;
  private boolean isReset;
  private long last;

  SessionModel(Packet client, Packet there, long number, long mac, long now) {
    this.client = client.with("").fragment(0x1234, Packet.DONT_FRAGMENT).flags(0);
    source = there.from();
    sourcePort = there.fromPort();
    backend = there.to();
    this.number = number;
    this.mac = mac;
    last = now;
    state = client.protocol() == Packet.UDP ? State.UDP : State.YOUNG;
    hasClientFin = (client.flags() & Packet.FIN) != 0;
  }

  /** What the backend answers. */
  Packet reply(int flags) {
    return client.between(backend, 80, source, sourcePort).flags(flags);
  }

  static boolean isSyn(int flags) {
    return (flags & (Packet.SYN | Packet.ACK | Packet.RST)) == Packet.SYN;
  }

  /** Whether a SYN begins it anew. */
  boolean isClosed() {
    return state == State.TIME_WAIT || isReset;
  }

  Known known(long now) {
    double idle = (now - last) / 1e9;
    if (state == State.OVER) {
      return Known.OVER;
    }
    if (idle <= state.seconds) {
      return Known.ALIVE;
    }
    return idle > state.seconds + state.seconds / 16.0 + 0.01 ? Known.OVER : Known.EITHER;
  }

  void fromClient(int flags, boolean isBorrowed, long now) {
    packet(flags, isBorrowed, now, true);
  }

  void fromBackend(int flags, boolean isBorrowed, long now) {
    packet(flags, isBorrowed, now, false);
  }

  private void packet(int flags, boolean isBorrowed, long now, boolean isClient) {
    if (isBorrowed || state == State.UDP) {
      last = now;
      return;
    }
    State before = state;
    if ((flags & Packet.RST) != 0) {
      isReset = true;
      state = state == State.YOUNG ? State.YOUNG : State.TIME_WAIT;
    } else {
      isReset = false;
      isAnswered |= !isClient;
      hasClientFin |= isClient && (flags & Packet.FIN) != 0;
      hasBackendFin |= !isClient && (flags & Packet.FIN) != 0;
      boolean goesOn = isClient && isAnswered && (flags & Packet.SYN) == 0;
      if (state != State.YOUNG || goesOn) {
        state =
            hasClientFin && hasBackendFin
                ? State.TIME_WAIT
                : hasClientFin || hasBackendFin ? State.CLOSING : State.ESTABLISHED;
      }
    }
    if (state != before || state != State.TIME_WAIT || (flags & Packet.FIN) != 0) {
      last = now;
    }
  }

  @Override
  public String toString() {
    return client + " is " + state + " from " + source + " " + sourcePort + " since " + last;
  }
}
