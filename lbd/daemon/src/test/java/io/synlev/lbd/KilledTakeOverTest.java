package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One of two daemons is killed before it says, or hears, its next word. strace (1) does it: the
 * system call gets SIGKILL instead. Words are the only messages (sendmsg, recvmsg) of their
 * threads.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KilledTakeOverTest extends TakeOverBed {
  private static final int KILLED = 128 + 9;

  @BeforeEach
  void needStrace() throws Exception {
    assumeTrue(canTrace(), "needs strace and the right to trace");
  }

  private static boolean canTrace() throws InterruptedException {
    try {
      return new ProcessBuilder("strace", "-o", "/dev/null", "true").start().waitFor() == 0;
    } catch (IOException none) {
      return false;
    }
  }

  /** What kills a process before its n-th such call; with -D it is our child, and not strace. */
  private static List<String> killer(String call, int n) {
    return List.of(
        "strace",
        "-D",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=" + call,
        "-e",
        "inject=" + call + ":signal=KILL:when=" + n);
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource({
    "sendmsg, 1, freeze",
    "sendmsg, 2, stop",
    "sendmsg, 3, serving",
  })
  void shouldServeOnWhenTheNewOneIsKilled(String call, int n, String word) throws Exception {
    DaemonProcess first = start().await("ready");
    DaemonProcess killed = start(killer(call, n), TAKE_OVER);
    assertEquals(KILLED, killed.exitCode(), killed.log());
    first.await("did not take over");
    assertServedBy(first);
    DaemonProcess next = start(TAKE_OVER).await("ready");
    assertServedBy(next);
    assertEquals("handed-over", howItCame());
  }

  /** From there on it is a daemon like any other: who starts the next one knows what to do. */
  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource("sendmsg, 4, done")
  void shouldStartAnewWhenTheNewOneIsKilledOnceItServes(String call, int n, String word)
      throws Exception {
    DaemonProcess first = start().await("ready");
    DaemonProcess killed = start(killer(call, n), TAKE_OVER);
    assertEquals(KILLED, killed.exitCode(), killed.log());
    assertEquals(0, first.exitCode(), first.log());
    assertServedBy(start().await("ready"));
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource({
    "sendmsg, 1, sockets, bound-again",
    "sendmsg, 2, frozen, left-behind",
    "recvmsg, 2, stop, left-behind",
    "recvmsg, 3, serving, left-behind",
    "sendmsg, 3, released, left-behind",
  })
  void shouldTakeOverWhenTheOldOneIsKilled(String call, int n, String word, String how)
      throws Exception {
    DaemonProcess killed = start(killer(call, n)).await("ready");
    DaemonProcess next = start(TAKE_OVER).await("ready");
    assertEquals(KILLED, killed.exitCode(), killed.log());
    assertServedBy(next);
    assertEquals(how, howItCame());
  }
}
