package io.synlev.steering;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Batches of packets, one input after another; docs/testing.md.
 *
 * <p>An input is a sequence of packets, each behind two bytes: eleven bits of length and five of
 * what happens: the batch ends with it; it lies at the start of its room; it is a returned one; and
 * so many quarters of a fragment's life have passed.
 */
public final class SteeringFuzz {

  private static final int LENGTH_BITS = 11;
  private static final int LIFE_QUARTER_NANOS = 250_000;

  private static SteeringProbe probe;

  private SteeringFuzz() {}

  /** What a fuzzer calls. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    if (probe == null) {
      Path base = Files.createTempDirectory("synlev-fuzz");
      probe = new SteeringProbe(base);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(base)));
    }
    run(probe, input);
  }

  private static void remove(Path directory) {
    try (var files = Files.walk(directory)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (java.io.IOException e) {
      System.err.println("left behind: " + directory);
    }
  }

  /** Decides about the packets of an input; nothing of them is left afterwards. */
  static void run(SteeringProbe probe, byte[] input) {
    List<byte[]> batch = new ArrayList<>();
    int at = 0;
    while (input.length - at >= 2) {
      int head = (input[at] & 0xff) << 8 | input[at + 1] & 0xff;
      int how = head >>> LENGTH_BITS;
      int length = Math.min(head & (1 << LENGTH_BITS) - 1, input.length - at - 2);
      at += 2;
      batch.add(Arrays.copyOfRange(input, at, at + length));
      at += length;
      boolean isLast = (how & 1) != 0 || input.length - at < 2;
      if (isLast || batch.size() == SteeringProbe.PLACES) {
        probe.decide(batch, (how & 2) == 0, (how & 4) != 0, (how >> 3) * LIFE_QUARTER_NANOS);
        batch.clear();
      }
    }
    probe.settle();
  }
}
