package io.synlev.netlink;

import static io.synlev.netlink.OwnNetwork.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.netlink.RouteWatch.Topic;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RouteWatchTest {

  private static final Set<Topic> ROUTING = EnumSet.of(Topic.ROUTES, Topic.RULES, Topic.LINKS);
  private static final long DEADLINE_SECONDS = 20;

  /**
   * Keeps what it is told; a test that wants it to be slow holds the gate shut, until it closes it:
   * a watch ends only when its listener lets it.
   */
  private static final class Recorder implements RouteWatch.Listener, AutoCloseable {
    final BlockingQueue<Set<Topic>> calls = new LinkedBlockingQueue<>();
    final CountDownLatch gate;
    volatile Throwable failure;

    Recorder() {
      this(new CountDownLatch(0));
    }

    Recorder(CountDownLatch gate) {
      this.gate = gate;
    }

    @Override
    public void changed(Set<Topic> topics) {
      calls.add(topics);
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void failed(Throwable cause) {
      failure = cause;
    }

    @Override
    public void close() {
      gate.countDown();
    }

    Set<Topic> next() throws InterruptedException {
      Set<Topic> topics = calls.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
      assertNotNull(topics, () -> "not told; failure: " + failure);
      return topics;
    }

    /** Waits until a topic is told. */
    void await(Topic topic) throws InterruptedException {
      while (!next().contains(topic)) {
        // what came before
      }
    }
  }

  @Test
  void shouldTellWhatChanged() throws Exception {
    OwnNetwork.run(
        () -> {
          Recorder recorder = new Recorder();
          try (RouteWatch _ = RouteWatch.start(ROUTING, recorder)) {
            ip("route add 10.1.0.0/16 via 192.0.2.2");
            recorder.await(Topic.ROUTES);
            ip("-6 route add 2001:db8:2::/64 via 2001:db8:1::2");
            recorder.await(Topic.ROUTES);
            ip("rule add fwmark 1 lookup 100");
            recorder.await(Topic.RULES);
            ip("-6 rule add fwmark 1 lookup 100");
            recorder.await(Topic.RULES);
            ip("rule del fwmark 1 lookup 100");
            recorder.await(Topic.RULES);
            ip("link set out down");
            recorder.await(Topic.LINKS);
          }
          assertNull(recorder.failure);
        });
  }

  @Test
  void shouldTellNeighboursAndAddressesOnlyWhenAsked() throws Exception {
    OwnNetwork.run(
        () -> {
          Recorder routes = new Recorder();
          Recorder others = new Recorder();
          try (RouteWatch _ = RouteWatch.start(EnumSet.of(Topic.RULES), routes);
              RouteWatch _ =
                  RouteWatch.start(EnumSet.of(Topic.NEIGHBOURS, Topic.ADDRESSES), others)) {
            ip("neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev out");
            others.await(Topic.NEIGHBOURS);
            ip("address add 192.0.2.77/24 dev out");
            others.await(Topic.ADDRESSES);
            ip("rule add fwmark 1 lookup 100");
            assertEquals(Set.of(Topic.RULES), routes.next());
          }
        });
  }

  @Test
  void shouldTellManyChangesInFewCalls() throws Exception {
    OwnNetwork.run(
        () -> {
          CountDownLatch gate = new CountDownLatch(1);
          Recorder recorder = new Recorder(gate);
          try (RouteWatch _ = RouteWatch.start(EnumSet.of(Topic.ROUTES), recorder);
              recorder) {
            ip("route add 10.9.0.0/24 dev out");
            recorder.next();
            // The listener is at work: nothing of this is read meanwhile.
            OwnNetwork.ipBatch(routes(200));
            gate.countDown();
            assertEquals(Set.of(Topic.ROUTES), recorder.next());
            ip("rule add fwmark 1 lookup 100"); // nobody asked for it
          }
          // The kernel adds routes of its own some time after an interface has come up.
          assertTrue(recorder.calls.size() < 5, "200 routes in few calls");
        });
  }

  private static String routes(int count) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append("route add 10.8.").append(i / 250).append('.').append(i % 250);
      lines.append("/32 dev out\n");
    }
    return lines.toString();
  }

  @Test
  void shouldTakeEverythingForChangedWhereMessagesWereLost() throws Exception {
    OwnNetwork.run(
        () -> {
          CountDownLatch gate = new CountDownLatch(1);
          Recorder recorder = new Recorder(gate);
          // Not links: the kernel tells of their state some time after they have come up.
          Set<Topic> watched = EnumSet.of(Topic.ROUTES, Topic.RULES);
          try (RouteWatch _ = RouteWatch.start(watched, recorder, 2048);
              recorder) {
            ip("route add 10.9.0.0/24 dev out");
            assertEquals(Set.of(Topic.ROUTES), recorder.next());
            OwnNetwork.ipBatch(routes(500));
            gate.countDown();
            assertEquals(watched, recorder.next());
            // And it goes on.
            ip("rule add fwmark 1 lookup 100");
            recorder.await(Topic.RULES);
          }
          assertNull(recorder.failure);
        });
  }

  @Test
  void shouldEndWhileNothingHappens() throws Exception {
    OwnNetwork.run(
        () -> {
          Recorder recorder = new Recorder();
          RouteWatch watch = RouteWatch.start(ROUTING, recorder);
          watch.close();
          watch.close();
          ip("rule add fwmark 1 lookup 100");
          assertTrue(recorder.calls.isEmpty());
          assertNull(recorder.failure);
        });
  }

  @Test
  void shouldSayThatTheListenerFailed() throws Exception {
    OwnNetwork.run(
        () -> {
          BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
          RouteWatch.Listener failing =
              new RouteWatch.Listener() {
                @Override
                public void changed(Set<Topic> topics) {
                  throw new IllegalStateException("on purpose");
                }

                @Override
                public void failed(Throwable cause) {
                  failures.add(cause);
                }
              };
          try (RouteWatch _ = RouteWatch.start(ROUTING, failing)) {
            ip("rule add fwmark 1 lookup 100");
            Throwable failure = failures.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
            assertNotNull(failure);
            assertEquals("on purpose", failure.getMessage());
          }
          assertFalse(Thread.currentThread().isInterrupted());
        });
  }
}
