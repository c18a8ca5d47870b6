package io.synlev.lbd;

import io.synlev.control.Caller;
import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.ffi.Baton;
import io.synlev.ffi.DescriptorChannel;
import io.synlev.ffi.DescriptorChannel.Message;
import io.synlev.ffi.NativeException;
import io.synlev.netfilter.BoundSockets;
import io.synlev.netfilter.NfqueueDatapath;
import io.synlev.state.DaemonRecord;
import io.synlev.state.StateException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Hands the queues to another daemon, on a thread of its own for each time. Until the other says
 * that it serves, every failure, its death included, ends with us serving on.
 */
final class HandOver {
  private static final Logger LOG = System.getLogger(HandOver.class.getName());

  /** For what the other prepares with the sockets in hand: maps, buffers, compiled views. */
  private static final int PREPARATION_MILLIS = 30_000;

  /** From the end of our reading to the beginning of its, which is a millisecond usually. */
  private static final int BATON_MILLIS = 2_000;

  /** How often a request to end is looked for. */
  private static final int TURN_MILLIS = 50;

  private final Daemon daemon;
  private final Runnable end;
  private NfqueueDatapath queues;
  private Thread thread;
  private volatile DaemonRecord successor;
  private volatile boolean isEnding;
  private volatile boolean isDone;

  /**
   * Prepares for being asked.
   *
   * @param end asks for the daemon's end and returns at once
   */
  HandOver(Daemon daemon, Runnable end) {
    this.daemon = daemon;
    this.end = end;
  }

  /** The method {@link HandOverProtocol#METHOD}. */
  synchronized Object begin(Caller caller, Map<String, Object> params) {
    HandOverRequest asked = HandOverRequest.of(params);
    if (daemon.queues() == null) {
      throw refusal(
          "datapath "
              + daemon.datapath().name()
              + " cannot be handed over: stop this lbd, then start the other");
    }
    if (daemon.datapathMethods().isSwitching()) {
      throw refusal("this lbd is switching its datapath: try again when it has");
    }
    if (!asked.network().equals(HandOverProtocol.network())) {
      throw refusal("this lbd runs in another network namespace: start the other there");
    }
    if (isEnding) {
      throw refusal("this lbd is about to end: start the other without --take-over");
    }
    if (isRunning()) {
      throw refusal("lbd with pid " + successor.pid() + " is taking over already");
    }
    queues = daemon.queues();
    BoundSockets sockets = queues.share();
    successor = asked.record();
    thread = Thread.ofPlatform().name("hand-over").daemon().unstarted(() -> run(sockets));
    thread.start();
    return offer(sockets);
  }

  /** Whether another daemon is taking over. */
  synchronized boolean isRunning() {
    return thread != null && thread.isAlive();
  }

  private static RpcException refusal(String why) {
    return new RpcException(RpcError.FAILED, why);
  }

  private static Map<String, Object> offer(BoundSockets sockets) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (BoundSockets.Queue queue : sockets.queues()) {
      list.add(Map.of("queue", queue.number(), "copyRange", queue.copyRange()));
    }
    Map<String, Object> offer = new LinkedHashMap<>();
    offer.put("pid", ProcessHandle.current().pid());
    offer.put("version", Version.text());
    offer.put("queues", list);
    offer.put("tun", sockets.tun() == null ? null : sockets.tun().name());
    return offer;
  }

  private void run(BoundSockets sockets) {
    LOG.log(Level.INFO, "lbd with pid " + successor.pid() + " is taking over");
    try (DescriptorChannel channel =
            DescriptorChannel.connect(
                HandOverProtocol.socket(daemon.settings().directory().path(), successor.pid()));
        Baton baton = Baton.make()) {
      if (!channel.isTrusted()) {
        throw new IOException("it runs as a user who is neither root nor ours");
      }
      channel.send(HandOverProtocol.SOCKETS, descriptors(sockets, baton));
      await(channel, HandOverProtocol.FREEZE);
      passOn(channel, baton);
      leave(channel);
    } catch (IOException | RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "lbd with pid " + successor.pid() + " did not take over: " + e.getMessage());
    }
  }

  private static int[] descriptors(BoundSockets sockets, Baton baton) {
    List<Integer> all = new ArrayList<>();
    sockets.queues().forEach(queue -> all.add(queue.descriptor()));
    if (sockets.tun() != null) {
      all.add(sockets.tun().descriptor());
    }
    all.add(baton.descriptor());
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Waits for a word; anything else, also nothing, breaks it off. */
  private void await(DescriptorChannel channel, String word) throws IOException {
    long deadline = System.nanoTime() + PREPARATION_MILLIS * 1_000_000L;
    while (System.nanoTime() - deadline < 0) {
      if (isEnding) {
        channel.send(HandOverProtocol.FAILED + "it is about to end");
        throw new IOException("we are about to end");
      }
      Message message = channel.receive(TURN_MILLIS);
      if (message != null && !word.equals(message.text())) {
        throw unexpected(message);
      }
      if (message != null) {
        return;
      }
    }
    throw new IOException("it did not say '" + word + "' within " + PREPARATION_MILLIS + " ms");
  }

  private static IOException unexpected(Message message) {
    return new IOException(message.isEnd() ? "it is gone" : "it said '" + message.text() + "'");
  }

  private void passOn(DescriptorChannel channel, Baton baton) throws IOException {
    boolean isPassed = false;
    daemon.beside().watcher().pause();
    try {
      rehearse();
      channel.send(HandOverProtocol.FROZEN);
      await(channel, HandOverProtocol.STOP);
      passReading(channel, baton);
      isPassed = true;
    } finally {
      if (!isPassed) {
        daemon.beside().watcher().resume();
      }
    }
  }

  /** Code that runs for the first time takes milliseconds. */
  private void rehearse() throws NativeException {
    queues.rehearsePause();
    try (Baton baton = Baton.make()) {
      offer(baton);
      baton.take(0);
    }
  }

  private static void offer(Baton baton) {
    try {
      baton.offer();
    } catch (NativeException e) {
      // The kernel is out of memory: the other one gives up, and we read again.
    }
  }

  /** Returns when the other one reads the queues; otherwise we read them again. */
  private void passReading(DescriptorChannel channel, Baton baton) throws IOException {
    queues.pause(() -> offer(baton));
    boolean isPassed = false;
    boolean isOurs = false;
    try {
      Message message = channel.receive(BATON_MILLIS);
      // Nobody reads if we have it. If it has it and lives, only its word tells whether it reads.
      isOurs = message == null && baton.take(0);
      while (message == null && !isOurs) {
        message = channel.receive(BATON_MILLIS);
      }
      if (isOurs) {
        throw new IOException("it did not begin within " + BATON_MILLIS + " ms");
      }
      if (!HandOverProtocol.SERVING.equals(message.text())) {
        throw unexpected(message);
      }
      isPassed = true;
    } finally {
      if (!isPassed) {
        resume(!isOurs);
      }
    }
  }

  private void resume(boolean sweep) {
    try {
      queues.resume(sweep);
    } catch (IOException e) {
      LOG.log(
          Level.WARNING,
          "queues may be as lbd with pid " + successor.pid() + " has set them: " + e.getMessage());
    }
  }

  private void leave(DescriptorChannel channel) {
    try {
      release(channel);
    } finally {
      end.run();
    }
  }

  private void release(DescriptorChannel channel) {
    String ends = HandOverProtocol.write(queues.ends());
    // Before anybody is told that it is done: who stops queues that are not abandoned unbinds them.
    queues.abandon();
    isDone = true;
    daemon.methods().sendAway("lbd with pid " + successor.pid() + " takes over: ask again");
    daemon.beside().stop();
    try {
      daemon.instance().passClaim(successor);
    } catch (StateException e) {
      LOG.log(Level.WARNING, "the claim is not passed on: " + e.getMessage());
    }
    try {
      channel.send(HandOverProtocol.RELEASED + ends);
      channel.receive(PREPARATION_MILLIS); // DONE, or its end: all the same to us
    } catch (NativeException e) {
      LOG.log(Level.WARNING, "lbd with pid " + successor.pid() + " has gone: " + e.getMessage());
    }
  }

  /** Whether another daemon has taken over, so that queues, claim and socket are not ours. */
  boolean isDone() {
    return isDone;
  }

  /** The one that has taken over, or is about to. */
  DaemonRecord successor() {
    return successor;
  }

  /**
   * Before our end: breaks off what can be, and waits for the outcome of what cannot. On any thread
   * but ours.
   */
  void settle() {
    isEnding = true;
    Thread running;
    synchronized (this) {
      running = thread;
    }
    boolean isInterrupted = false;
    while (running != null && running.isAlive() && !isDone) {
      try {
        running.join(TURN_MILLIS);
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
