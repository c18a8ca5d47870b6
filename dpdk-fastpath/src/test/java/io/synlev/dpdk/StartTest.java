package io.synlev.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartTest {

  @Test
  void shouldKnowOneReleaseOnly() {
    assertTrue(Libraries.isKnown("DPDK 22.11.11"));
    assertTrue(Libraries.isKnown("DPDK 22.11"));
    assertFalse(Libraries.isKnown("DPDK 22.110"));
    assertFalse(Libraries.isKnown("DPDK 23.11.1"));
    assertFalse(Libraries.isKnown(""));
  }

  @Test
  void shouldPassArgumentsThrough() throws Exception {
    Dpdk.eal();
    EalOptions options =
        EalOptions.of(List.of("net_null"))
            .withMegabytes(64)
            .withDevices(List.of("0000:03:00.0"))
            .withMore(List.of("--numa-mem", "64,64"));
    List<String> arguments = options.arguments(3);
    String all = String.join(" ", arguments);
    assertTrue(all.startsWith("synlev -l 3 --in-memory"), all);
    assertTrue(all.contains(" -m 64 -a 0000:03:00.0 -d "), all);
    assertTrue(all.endsWith("librte_net_null.so.23 --numa-mem 64,64"), all);
    assertFalse(all.contains("--no-pci"), all);
    assertTrue(String.join(" ", options.withCore(1).arguments(3)).contains("-l 1 "));
  }

  @Test
  void shouldNameThePackageOfAMissingDriver() {
    DpdkException missing =
        assertThrows(DpdkException.class, () -> EalOptions.of(List.of("net_no_such")).arguments(0));
    assertTrue(
        missing.getMessage().endsWith("apt-get install librte-net-no-such23")
            || missing.getMessage().endsWith("apt-get install librte-mempool-ring23"),
        missing::getMessage);
  }

  @Test
  void shouldNamePackagesWhenThereIsNoDpdk() throws Exception {
    Dpdk.eal();
    // The dynamic linker of a process with an empty root of its own finds nothing.
    Process process = Forked.java(WithoutDpdk.class);
    assertEquals(
        "DPDK 22.11 is needed and librte_nosuch.so.23 not found: apt-get install "
            + Libraries.PACKAGES,
        Forked.line(process).replaceFirst(" \\(there is [^)]*\\)", ""));
    assertEquals(0, process.waitFor());
  }

  /** Asks for a library that is nowhere, by the way that all are asked for. */
  static final class WithoutDpdk {
    private WithoutDpdk() {}

    public static void main(String[] arguments) {
      try {
        Libraries.open("nosuch");
      } catch (io.synlev.ffi.NativeException e) {
        System.out.println(Libraries.missing(e).getMessage());
      }
    }
  }

  @Test
  void shouldSayWhatTheEalRefused() throws Exception {
    Dpdk.eal();
    Process process = Forked.java(Refused.class);
    // In the midst of the usage that the EAL prints.
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .replaceFirst("(?s).*rte_eal_init\\(", "rte_eal_init(");
    assertTrue(said.startsWith("rte_eal_init(synlev -l "), said);
    assertTrue(said.contains("EINVAL (Invalid argument): its own lines above"), said);
    assertTrue(said.contains("--no-such-option"), said);
    assertEquals(0, process.waitFor());
  }

  /** Starts with an argument that DPDK does not know. */
  static final class Refused {
    private Refused() {}

    public static void main(String[] arguments) {
      try {
        Eal.start(
            EalOptions.of(List.of("net_null"))
                .withMegabytes(16)
                .withMore(List.of("--no-such-option")));
      } catch (DpdkException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
