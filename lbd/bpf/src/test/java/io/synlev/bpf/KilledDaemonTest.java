package io.synlev.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A process that is killed while its program is attached: packets go on, the next one cleans up.
 */
@Timeout(60)
class KilledDaemonTest {

  private static final int MARK = 0x5a;

  @Test
  void shouldGoOnAndCleanUpAfterAKilledDaemon() throws Exception {
    TcBed.run(
        bed -> {
          String before = TcBed.command("tc qdisc show dev in0");
          Process daemon =
              new ProcessBuilder(
                      ProcessHandle.current().info().command().orElseThrow(),
                      "--enable-native-access=ALL-UNNAMED",
                      "--sun-misc-unsafe-memory-access=allow",
                      "-cp",
                      System.getProperty("java.class.path"),
                      Victim.class.getName(),
                      bed.directory().toString())
                  .redirectErrorStream(true)
                  .start();
          BufferedReader output =
              new BufferedReader(new InputStreamReader(daemon.getInputStream()));
          assertEquals("attached", output.readLine());
          daemon.destroyForcibly().waitFor();
          try (RawSocket socket = new RawSocket(TcBed.index("far0"))) {
            assertTrue(socket.send(socket.prepare(Victim.frame(TcBed.address("in0")))));
          }
          TcOffload next = bed.open(bed.options());
          Map<TcCounter, Long> counted = next.statistics();
          assertEquals(1, counted.get(TcCounter.HIT_MARK), "nobody's filter went on: " + counted);
          assertEquals(1, next.flows().count(flow -> flow.mark == MARK));
          next.attach("in0");
          next.close(false);
          assertEquals("", TcBed.command("tc filter show dev in0 ingress"));
          assertEquals(before, TcBed.command("tc qdisc show dev in0"));
          assertFalse(Files.exists(bed.options().directory()));
        });
  }

  /** Stands for lbd, to be killed. Argument: the directory of run-time files. */
  static final class Victim {

    private Victim() {}

    static byte[] frame(byte[] destination) {
      byte[] frame = Frame.of(FlowKey.IPV4, IpProtocol.UDP, 1).bytes();
      System.arraycopy(destination, 0, frame, 0, destination.length);
      return frame;
    }

    public static void main(String[] arguments) throws Exception {
      TcOptions options =
          TcOptions.of("test", TcBed.MASK)
              .withRun(Path.of(arguments[0]))
              .withFlows(4096, 1024)
              .withBackends(64)
              .withInsertions(0);
      TcOffload offload = TcOffload.open(options, System.out::println);
      offload.backends().set(MARK, 1);
      TcBed.add(offload.flowTable(), Frame.of(FlowKey.IPV4, IpProtocol.UDP, 1), MARK);
      offload.attach("in0");
      System.out.println("attached");
      System.in.read(); // until it is killed
    }
  }
}
