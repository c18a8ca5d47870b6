package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Instance;
import io.synlev.state.Pool;
import io.synlev.tests.support.Await;
import io.synlev.tests.support.Client;
import io.synlev.tests.support.Daemon;
import io.synlev.tests.support.Family;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Redirect;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.ReturnMode;
import io.synlev.tests.support.RunningCommand;
import io.synlev.tests.support.TestBed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The daemon without a garbage collector. */
@ExtendWith(Requirements.class)
class AllocationTest {
  /** Packets between two looks: a byte for each of a hundred of them would show. */
  private static final long WINDOW = 1_000_000;

  /**
   * The JIT compiler works in its own time, and each deoptimization puts some objects on the heap;
   * so the window in which nothing is allocated may be a later one. What allocates per packet does
   * so in each.
   */
  private static final int WINDOWS = 10;

  /**
   * EpsilonGC never frees anything: 16 bytes a packet, the smallest object, fill it in 3 million.
   */
  private static final String NO_COLLECTOR =
      "-XX:-UseSerialGC -XX:+UnlockExperimentalVMOptions -XX:+UseEpsilonGC -Xms48m -Xmx48m";

  @Test
  void shouldServeMillionsOfPacketsWithoutAllocating() {
    try (TestBed bed = TestBed.bare(ReturnMode.ROUTED, 4);
        Instance instance = Instance.open(bed.balancer().directory())) {
      Daemon daemon = bed.balancer().daemon(Map.of("SYNLEV_LBD_JAVA_OPTS", NO_COLLECTOR));
      bed.balancer().install(ReturnMode.ROUTED, Redirect.ALL);
      // Where the packets go does not matter here.
      bed.lab().run(Lab.LB, "iptables", "-t", "mangle", "-A", "FORWARD", "-j", "DROP").orFail();
      RunningCommand load =
          bed.client(Family.IPV4).startUdp("--sources", "1000", "--pps", "0", "--seconds", "300");
      List<Long> growths = new ArrayList<>();
      long before = 0;
      for (int window = 1; window <= WINDOWS && !growths.contains(0L); window++) {
        waitFor(daemon, instance, window * WINDOW);
        long after = allocated(daemon);
        growths.add(after - before);
        before = after;
      }
      assertTrue(growths.contains(0L), "bytes that the queue thread allocated: " + growths);
      Client.stop(load);
      assertTrue(daemon.isAlive());
      assertEquals(0, daemon.stop().exit(), daemon.log());
    }
  }

  /** Looks into shared memory: answering the control socket would use the daemon's heap up. */
  private static void waitFor(Daemon daemon, Instance instance, long packets) {
    Pool pool = instance.pool("default");
    LongSupplier decided = () -> IntStream.range(0, 4).mapToLong(pool::packets).sum();
    Await.until(
        packets + " packets",
        Duration.ofMinutes(2),
        () -> !daemon.isAlive() || decided.getAsLong() >= packets,
        () -> decided.getAsLong() + "\n" + daemon.log());
    assertTrue(daemon.isAlive(), daemon::log);
  }

  /** By the queue's thread; what control calls allocate is not its. */
  private static long allocated(Daemon daemon) {
    return daemon.status().objects("queues").getFirst().number("allocatedBytes");
  }
}
