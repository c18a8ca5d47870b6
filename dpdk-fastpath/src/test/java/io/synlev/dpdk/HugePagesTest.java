package io.synlev.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HugePagesTest {

  @TempDir Path records;

  @BeforeAll
  static void needRoot() {
    assumeTrue(
        Files.isWritable(Path.of("/proc/sys/vm/nr_hugepages")),
        "huge pages need root: run as root");
  }

  @Test
  void shouldGiveBackWhatItAdded() throws Exception {
    long before = HugePages.count();
    try (HugePages pages = HugePages.reserve(records, megabytesBeyondFree())) {
      assertTrue(pages.added() > 0, "added " + pages.added());
      assertEquals(before + pages.added(), HugePages.count());
    }
    assertEquals(before, HugePages.count());
    assertEquals(List.of(), recordsLeft());
  }

  @Test
  void shouldTakeWhatTheMachineHas() throws Exception {
    long before = HugePages.count();
    try (HugePages first = HugePages.reserve(records, megabytesBeyondFree());
        HugePages second = HugePages.reserve(records, 16)) {
      assertEquals(0, second.added(), "the first's are still free");
      assertEquals(before + first.added(), HugePages.count());
    }
    assertEquals(before, HugePages.count());
  }

  /** As at the end of a process that asked for more later on: its hooks run together. */
  @Test
  void shouldGiveBackAllThatGoAtOnce() throws Exception {
    long before = HugePages.count();
    for (int round = 0; round < 50; round++) {
      HugePages first = HugePages.reserve(records, megabytesBeyondFree());
      HugePages second = HugePages.reserve(records, megabytesBeyondFree());
      assertTrue(first.added() > 0 && second.added() > 0);
      CyclicBarrier start = new CyclicBarrier(2);
      Thread other =
          Thread.ofPlatform()
              .start(
                  () -> {
                    await(start);
                    first.close();
                  });
      await(start);
      second.close();
      other.join();
      assertEquals(before, HugePages.count(), "round " + round);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldReserveNothingWhenThereIsNotEnoughMemory() throws Exception {
    long before = HugePages.count();
    DpdkException tooMuch =
        assertThrows(DpdkException.class, () -> HugePages.reserve(records, 1 << 20));
    assertTrue(tooMuch.getMessage().contains("524288 huge pages of 2048 kB"), tooMuch::getMessage);
    assertEquals(before, HugePages.count());
    assertEquals(List.of(), recordsLeft());
  }

  @Test
  void shouldGiveBackWhatAKilledProcessLeft() throws Exception {
    long before = HugePages.count();
    Process holder = Forked.java(Holder.class, records.toString(), "" + megabytesBeyondFree());
    assertEquals("holding", Forked.line(holder));
    assertTrue(HugePages.count() > before);
    holder.destroyForcibly().waitFor();
    assertTrue(HugePages.count() > before, "nobody gave them back yet");
    HugePages.reserve(records, 16).close();
    assertEquals(before, HugePages.count());
    assertEquals(List.of(), recordsLeft());
  }

  @Test
  void shouldGiveBackWhenTerminated() throws Exception {
    long before = HugePages.count();
    Process holder = Forked.java(Holder.class, records.toString(), "" + megabytesBeyondFree());
    assertEquals("holding", Forked.line(holder));
    holder.destroy();
    holder.waitFor();
    assertEquals(before, HugePages.count());
  }

  /** As for a switch to DPDK that has just begun when the process is told to end. */
  @Test
  void shouldReserveNothingWhenTheProcessEnds() throws Exception {
    long before = HugePages.count();
    Process ending = Forked.java(Ending.class, records.toString(), "" + megabytesBeyondFree());
    assertEquals("huge pages are not reserved: this process is about to end", Forked.line(ending));
    assertEquals(0, ending.waitFor());
    assertEquals(before, HugePages.count());
    assertEquals(List.of(), recordsLeft());
  }

  private static int megabytesBeyondFree() throws IOException {
    return (int) (Forked.meminfo("HugePages_Free") * 2 + 32);
  }

  private List<String> recordsLeft() throws IOException {
    List<String> left = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(records, "pid-*")) {
      files.forEach(file -> left.add(file.toString()));
    }
    return left;
  }

  /** A process that reserves and waits to be killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      HugePages.reserve(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
      System.out.println("holding");
      while (System.in.read() >= 0) {
        // Until the end.
      }
    }
  }

  /** A process that reserves when it is about to end. */
  static final class Ending {
    private Ending() {}

    public static void main(String[] arguments) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> reserve(arguments)));
    }

    private static void reserve(String[] arguments) {
      try {
        HugePages.reserve(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
      } catch (DpdkException | RuntimeException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
