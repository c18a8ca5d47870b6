package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ViewsTest {

  @TempDir Path base;
  private Testbed bed;
  private View first;
  private View second;
  private Views views;

  @BeforeEach
  void open() throws Exception {
    bed = new Testbed(base);
    first = View.compile(bed.instance, 3);
    second = View.compile(bed.instance, 3);
    views = new Views(first, 3);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void shouldNotWaitForWorkersThatAreOutside() throws Exception {
    assertSame(first, views.enter(0));
    views.leave(0);
    assertSame(first, views.swap(second));
    assertSame(second, views.enter(0));
    assertSame(second, views.current());
  }

  @Test
  void shouldWaitForAWorkerThatIsInside() throws Exception {
    AtomicBoolean left = new AtomicBoolean();
    AtomicBoolean hadLeft = new AtomicBoolean();
    assertSame(first, views.enter(1));
    Thread control = swapper(() -> hadLeft.set(left.get()));
    awaitParked(control);
    assertTrue(control.isAlive());
    assertSame(second, views.enter(2), "others see the new view meanwhile");
    views.leave(2);
    left.set(true);
    views.leave(1);
    control.join();
    assertTrue(hadLeft.get());
  }

  @Test
  void shouldNotWaitForAWorkerThatCameBack() throws Exception {
    views.enter(1);
    Thread control = swapper(() -> {});
    awaitParked(control);
    views.leave(1);
    assertSame(second, views.enter(1));
    control.join();
    views.leave(1);
  }

  @Test
  void shouldWaitForVisitsWithoutChangingTheView() throws Exception {
    views.awaitVisits(); // nobody is inside
    views.enter(1);
    AtomicBoolean left = new AtomicBoolean();
    AtomicBoolean hadLeft = new AtomicBoolean();
    Thread control =
        new Thread(
            () -> {
              try {
                views.awaitVisits();
                hadLeft.set(left.get());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    control.start();
    awaitParked(control);
    left.set(true);
    views.leave(1);
    control.join();
    assertTrue(hadLeft.get());
    assertSame(first, views.current());
  }

  @Test
  void shouldKeepTheNewViewWhenInterrupted() throws Exception {
    views.enter(1);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> views.swap(second));
    assertFalse(Thread.currentThread().isInterrupted());
    assertSame(second, views.current());
  }

  @Test
  void shouldRefuseAViewForFewerWorkers() {
    View small = View.compile(bed.instance, 1);
    assertThrows(IllegalArgumentException.class, () -> views.swap(small));
    assertSame(first, views.current());
  }

  @Test
  void shouldNeverReturnWhileAnybodyIsInTheOldView() throws Exception {
    AtomicInteger insideFirst = new AtomicInteger();
    AtomicInteger insideSecond = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(2);
    Thread[] workers = new Thread[2];
    for (int number = 0; number < workers.length; number++) {
      int worker = number;
      workers[worker] =
          new Thread(
              () -> {
                started.countDown();
                while (!stop.get()) {
                  View view = views.enter(worker);
                  AtomicInteger inside = view == first ? insideFirst : insideSecond;
                  inside.incrementAndGet();
                  for (int i = 0; i < 50; i++) {
                    Thread.onSpinWait();
                  }
                  inside.decrementAndGet();
                  views.leave(worker);
                }
              });
      workers[worker].start();
    }
    started.await();
    for (int i = 0; i < 2_000; i++) {
      View old = views.swap(views.current() == first ? second : first);
      assertEquals(0, (old == first ? insideFirst : insideSecond).get());
    }
    stop.set(true);
    for (Thread worker : workers) {
      worker.join();
    }
  }

  private Thread swapper(Runnable after) {
    Thread thread =
        new Thread(
            () -> {
              try {
                views.swap(second);
                after.run();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    thread.start();
    return thread;
  }

  /** Returns when a thread waits inside a swap, or has ended. */
  private static void awaitParked(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING
        && thread.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
  }

  @Test
  void shouldMakeRoomForMoreWorkers() throws Exception {
    View wider = View.compile(bed.instance, 5);
    assertSame(first, views.widen(wider));
    assertEquals(5, views.workers());
    assertSame(wider, views.enter(4));
    views.leave(4);
    assertThrows(IllegalArgumentException.class, () -> views.swap(second), "for three");
    View tooWide = View.compile(bed.instance, 65);
    assertThrows(IllegalArgumentException.class, () -> views.widen(tooWide));
    assertEquals(5, views.workers());
  }
}
