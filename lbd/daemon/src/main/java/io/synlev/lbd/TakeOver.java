package io.synlev.lbd;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.ffi.Baton;
import io.synlev.ffi.DescriptorChannel;
import io.synlev.ffi.DescriptorChannel.Message;
import io.synlev.ffi.Descriptors;
import io.synlev.ffi.NativeException;
import io.synlev.netfilter.BoundSockets;
import io.synlev.state.DaemonRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Takes the queues of the daemon that serves the instance; its methods are called in their order.
 * Closed before {@link #stopFormer} has returned, or with the other's word that it will not, the
 * other serves on. One thread.
 */
final class TakeOver implements AutoCloseable {
  /** How long the other may take for an answer before we serve: it does nothing that takes long. */
  private static final int PATIENCE_MILLIS = 3_000;

  /**
   * The same once we serve: its health checks, its drains and its claim may each wait 10 s for
   * somebody who is changing the instance. Its death is noticed at once.
   */
  private static final int RELEASE_PATIENCE_MILLIS = 40_000;

  /** How long its process may take to end once its sockets have closed. */
  private static final long DEATH_NANOS = 2_000_000_000L;

  private static final int TURN_MILLIS = 20;

  private final FormerDaemon former;
  private final DescriptorChannel channel;
  private final BoundSockets sockets;
  private final Baton baton;
  private boolean isFormerGone;

  private TakeOver(
      FormerDaemon former, DescriptorChannel channel, BoundSockets sockets, Baton baton) {
    this.former = former;
    this.channel = channel;
    this.sockets = sockets;
    this.baton = baton;
  }

  /**
   * Asks the other one for its sockets.
   *
   * @param ours what it is to claim the instance for
   * @throws NoHandOverException if it is too old, or does not answer
   * @throws StartException if it refuses
   */
  static TakeOver begin(FormerDaemon former, DaemonRecord ours) throws IOException {
    try (DescriptorChannel.Listener listener =
        DescriptorChannel.listen(HandOverProtocol.socket(former.directory().path(), ours.pid()))) {
      Map<?, ?> offer = ask(former, ours);
      DescriptorChannel channel = listener.accept(PATIENCE_MILLIS);
      if (channel == null) {
        throw new NoHandOverException("it did not pass its sockets");
      }
      try {
        return receive(former, channel, offer);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }
  }

  private static Map<?, ?> ask(FormerDaemon former, DaemonRecord ours) throws IOException {
    HandOverRequest request = new HandOverRequest(ours, HandOverProtocol.network());
    Duration patience = Duration.ofMillis(PATIENCE_MILLIS);
    try (ControlClient client = ControlClient.connect(former.directory(), patience)) {
      return (Map<?, ?>) client.call(HandOverProtocol.METHOD, request.asMap());
    } catch (RpcException e) {
      if (e.code() == RpcError.METHOD_NOT_FOUND) {
        throw new NoHandOverException("its version knows no hand-over", e);
      }
      throw new StartException(
          "lbd with pid %d does not hand over: %s".formatted(former.pid(), e.getMessage()), e);
    } catch (ControlException e) {
      throw new NoHandOverException(e.getMessage(), e);
    }
  }

  private static TakeOver receive(FormerDaemon former, DescriptorChannel channel, Map<?, ?> offer)
      throws IOException {
    Message message = channel.receive(PATIENCE_MILLIS);
    if (message == null || message.isEnd()) {
      throw new NoHandOverException("it did not pass its sockets");
    }
    List<Integer> came = new ArrayList<>(message.descriptors());
    List<?> offered = (List<?>) offer.get("queues");
    boolean hasTun = offer.get("tun") != null;
    if (!channel.isTrusted() || came.size() != offered.size() + (hasTun ? 2 : 1)) {
      came.forEach(Descriptors::close);
      throw new NoHandOverException("it passed " + came.size() + " sockets that do not fit");
    }
    List<BoundSockets.Queue> queues = new ArrayList<>();
    for (Object each : offered) {
      Map<?, ?> queue = (Map<?, ?>) each;
      queues.add(
          new BoundSockets.Queue(
              ((Number) queue.get("queue")).intValue(),
              ((Number) queue.get("copyRange")).intValue(),
              came.removeFirst()));
    }
    BoundSockets.Tun tun =
        hasTun ? new BoundSockets.Tun((String) offer.get("tun"), came.removeFirst()) : null;
    return new TakeOver(
        former, channel, new BoundSockets(queues, tun), Baton.of(came.removeFirst()));
  }

  /** What the other one has bound; whoever calls closes them. */
  BoundSockets sockets() {
    return sockets;
  }

  /**
   * Makes it put no new configuration to use, so that it is only ours that do.
   *
   * @throws StartException if it breaks off
   */
  void freeze() throws IOException {
    channel.send(HandOverProtocol.FREEZE);
    Message message = channel.receive(PATIENCE_MILLIS);
    if (message != null && message.isEnd() && former.isGoneWithin(DEATH_NANOS)) {
      isFormerGone = true;
    } else if (message == null || !HandOverProtocol.FROZEN.equals(message.text())) {
      throw brokenOff(message);
    }
  }

  /** Code that runs for the first time takes milliseconds. */
  void rehearse() throws NativeException {
    try (Baton another = Baton.make()) {
      another.offer();
      another.take(0);
    }
  }

  /**
   * Makes it read no more. When this returns, nobody reads but who calls.
   *
   * @throws StartException if it breaks off; then it reads
   */
  void stopFormer() throws IOException {
    if (isFormerGone) {
      return;
    }
    channel.send(HandOverProtocol.STOP);
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (!baton.take(TURN_MILLIS)) {
      Message message = channel.receive(0);
      if (message != null && !baton.take(0)) { // it offers, and is gone: then we have it
        if (!message.isEnd() || !former.isGoneWithin(DEATH_NANOS)) {
          throw brokenOff(message);
        }
        isFormerGone = true;
      }
      if (message != null) {
        return;
      }
      if (System.nanoTime() - deadline >= 0) {
        throw brokenOff(null);
      }
    }
  }

  private StartException brokenOff(Message message) {
    String text = message == null ? null : message.text();
    String why =
        message == null
            ? "it did not answer within " + PATIENCE_MILLIS + " ms"
            : text != null && text.startsWith(HandOverProtocol.FAILED)
                ? text.substring(HandOverProtocol.FAILED.length())
                : "it broke off, its log says why";
    return new StartException(
        "nothing is taken over from lbd with pid " + former.pid() + ": " + why);
  }

  /** Whether the other one has died, and may have received packets that have no verdict. */
  boolean isFormerGone() {
    return isFormerGone;
  }

  /**
   * Tells that we read. When this returns, the claim is ours, or the other one has died.
   *
   * @return by queue, when the other one had ended reading; empty when it has died
   */
  Map<Integer, Long> serving() {
    try {
      channel.send(HandOverProtocol.SERVING);
      Message message = channel.receive(RELEASE_PATIENCE_MILLIS);
      if (message != null
          && !message.isEnd()
          && message.text().startsWith(HandOverProtocol.RELEASED)) {
        return HandOverProtocol.read(message.text().substring(HandOverProtocol.RELEASED.length()));
      }
      isFormerGone |= message != null && message.isEnd();
    } catch (NativeException e) {
      isFormerGone = true;
    }
    return Map.of();
  }

  /** Tells that nothing is left to do but to end. */
  void done() {
    try {
      channel.send(HandOverProtocol.DONE);
    } catch (NativeException e) {
      // It is gone, which is as well.
    }
  }

  /** Tells that we do not read. */
  void failed(String why) {
    try {
      channel.send(HandOverProtocol.FAILED + why);
    } catch (NativeException e) {
      // Then it has noticed, or is gone.
    }
  }

  @Override
  public void close() {
    channel.close();
    baton.close();
  }
}
