package io.synlev.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.ffi.Claim;
import io.synlev.ffi.NativeException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose XDP program is taken off an interface: a killed daemon's, never a living one's. */
@Timeout(60)
class XdpInterfaceTest {

  private static final String DEVICE = "in0";

  /** Puts our program on, as DPDK's driver does. */
  private static void attach(TcBed bed) throws Exception {
    Path program = bed.directory().resolve("xdp.o");
    XdpAddresses.writeProgram(program);
    TcBed.command("ip link set dev " + DEVICE + " xdp obj " + program + " sec xdp");
    Files.delete(program);
  }

  private static boolean hasProgram() throws Exception {
    return TcBed.command("ip link show dev " + DEVICE).contains("xdp");
  }

  private static boolean detach() throws Exception {
    XdpInterface there = XdpInterface.of(DEVICE);
    try (Claim claim = there.claim()) {
      return there.detachLeftOver(claim);
    }
  }

  @Test
  void shouldTakeOffWhatNobodyHas() throws Exception {
    TcBed.run(
        bed -> {
          assertFalse(detach(), "there is none");
          attach(bed);
          assertTrue(detach());
          assertFalse(hasProgram());
        });
  }

  @Test
  void shouldLeaveWhatAnotherProcessHasUntilItIsKilled() throws Exception {
    TcBed.run(
        bed -> {
          attach(bed);
          Process daemon =
              new ProcessBuilder(
                      ProcessHandle.current().info().command().orElseThrow(),
                      "--enable-native-access=ALL-UNNAMED",
                      "--sun-misc-unsafe-memory-access=allow",
                      "-cp",
                      System.getProperty("java.class.path"),
                      Owner.class.getName())
                  .redirectErrorStream(true)
                  .start();
          assertEquals(
              "has it",
              new BufferedReader(new InputStreamReader(daemon.getInputStream())).readLine());
          NativeException refused = assertThrows(NativeException.class, XdpInterfaceTest::detach);
          assertTrue(refused.getMessage().contains("of in0: EADDRINUSE"), refused.getMessage());
          String name = refused.getMessage().replaceFirst(".*'(@.*) '.*", "$1");
          assertTrue(TcBed.command("ss -xap").contains(name + " "), "as the message says");
          assertTrue(hasProgram());
          daemon.destroyForcibly().waitFor();
          assertTrue(detach());
          assertFalse(hasProgram());
        });
  }

  /** Stands for lbd, to be killed. */
  static final class Owner {

    private Owner() {}

    public static void main(String[] arguments) throws Exception {
      try (Claim claim = XdpInterface.of(DEVICE).claim()) {
        System.out.println(claim.isClosed() ? "has not" : "has it");
        System.in.read(); // until it is killed
      }
    }
  }
}
