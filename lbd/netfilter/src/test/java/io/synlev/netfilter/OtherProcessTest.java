package io.synlev.netfilter;

import static io.synlev.netfilter.QueueTraffic.QUEUE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.ffi.NativeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where another process matters: it holds the queue, or lacks the right to bind it. */
@Timeout(60)
class OtherProcessTest {

  /** Binds the queue, says so, and holds it until its input ends. */
  static final class Holder {
    public static void main(String[] args) throws IOException {
      QueueOptions options = QueueOptions.of(Integer.parseInt(args[0]));
      NfqueueDatapath datapath = new NfqueueDatapath(List.of(options), worker -> new ByteDecider());
      try {
        datapath.start(failure -> {});
        System.out.println("bound");
      } catch (NativeException e) {
        System.out.println(e.getMessage());
      }
      System.in.read();
      datapath.stop();
    }
  }

  private static Process holder(String... before) throws IOException {
    List<String> command = new ArrayList<>(List.of(before));
    command.addAll(
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Holder.class.getName(),
            String.valueOf(QUEUE)));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static void end(Process process) throws Exception {
    process.getOutputStream().close();
    assertEquals(0, process.waitFor());
  }

  @Test
  void shouldNameTheProcessThatHoldsTheQueue() throws Exception {
    TestNamespace.run(
        () -> {
          Process holder = holder();
          try (BufferedReader output = holder.inputReader()) {
            assertEquals("bound", output.readLine());
            NfqueueDatapath datapath =
                new NfqueueDatapath(List.of(QueueOptions.of(QUEUE)), worker -> new ByteDecider());
            String message =
                assertThrows(NativeException.class, () -> datapath.start(failure -> {}))
                    .getMessage();
            assertTrue(message.contains("process " + holder.pid() + " ("), message);
            assertTrue(
                message.endsWith(
                    "EPERM (Operation not permitted): stop it, or choose another queue number"),
                message);
          } finally {
            end(holder);
          }
          assertEquals(List.of(), QueueStatus.readAll());
        });
  }

  @Test
  void shouldAskForTheCapabilityThatIsMissing() throws Exception {
    TestNamespace.run(
        () -> {
          Process holder = holder("setpriv", "--bounding-set=-net_admin");
          try (BufferedReader output = holder.inputReader()) {
            assertEquals(
                "queue 7: EPERM (Operation not permitted): give CAP_NET_ADMIN, or run as root",
                output.readLine());
          } finally {
            end(holder);
          }
        });
  }
}
