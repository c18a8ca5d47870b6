package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the checks' thread leaves to the garbage collector. */
@Timeout(60)
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path temporary;

  private static long allocated() {
    long id =
        Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
            .filter(info -> info != null && info.getThreadName().equals("health"))
            .findFirst()
            .orElseThrow()
            .getThreadId();
    return THREADS.getThreadAllocatedBytes(id);
  }

  /**
   * Code that is not compiled yet may allocate: a window without is enough, whenever it comes. What
   * a check would leave behind is at least an object, 16 bytes; a socket address would be more.
   */
  private static void assertAllocatesNothing(Bed bed) {
    long[] least = {Long.MAX_VALUE};
    Bed.await(
        () -> {
          long before = allocated();
          bed.awaitChecks(CHECKS);
          least[0] = Math.min(least[0], allocated() - before);
          return least[0] < CHECKS;
        },
        () -> CHECKS + " checks allocate " + least[0] + " bytes");
    assertTrue(bed.count(Counter.GOOD) > 0);
  }

  private static final int CHECKS = 1_000;

  /** Many, so that the JIT compiler comes soon. */
  private static final int BACKENDS = 100;

  @Test
  void shouldNotAllocateForTcp() throws IOException {
    try (Peer peer = Peer.tcp("0.0.0.0", ServerSocketFactory.getDefault(), Socket::getInputStream);
        Bed bed = Bed.of(temporary, BACKENDS)) {
      assertAllocatesNothing(bed.check("kind", "tcp", "port", peer.port(), "interval", "10ms"));
    }
  }

  @Test
  void shouldNotAllocateForPings() {
    try (Bed bed = Bed.of(temporary, BACKENDS)) {
      assertAllocatesNothing(bed.check("kind", "icmp", "interval", "10ms"));
    }
  }
}
