package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.dpdk.Dpdk;
import io.synlev.dpdk.Forked;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The fast path in a JVM that never collects garbage: one byte a packet would be more than its
 * heap.
 */
class AllocationTest {

  private static final int MILLIONS = 100;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"ipip", "l2dsr-flows"})
  void shouldAllocateNothingPerPacket(String mode) throws Exception {
    Dpdk.eal();
    Process process =
        Forked.java(
            List.of(
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:-UseSerialGC",
                "-XX:+UseEpsilonGC",
                "-Xmx96m"),
            RingBench.class,
            mode,
            "" + MILLIONS,
            "0",
            directory.toString());
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertTrue(said.contains("\"mode\":\"" + mode + "\",\"packets\":"), said);
    String packets = said.replaceFirst("(?s).*\"packets\":(\\d+),\"sent\":\\1,.*", "$1");
    assertTrue(Long.parseLong(packets.strip()) >= MILLIONS * 1_000_000L, said);
  }
}
