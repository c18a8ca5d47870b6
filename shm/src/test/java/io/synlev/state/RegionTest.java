package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.memory.Memory;
import io.synlev.state.RegionMarshaller.Place;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.VanillaChronicleMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegionTest {
  private static final long BYTES = 100_000;
  private static final long MARK = 0x1122334455667788L;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void create() {
    file = directory.resolve("region");
    RegionFile.create(
        file,
        BYTES,
        base -> {
          Memory.putLong(base, MARK);
          Memory.putLong(base + BYTES - 8, MARK);
        });
  }

  @Test
  void shouldBeTheValueThatChronicleMapFindsUnderTheKey() throws Exception {
    try (Region region = Region.open(file);
        ChronicleMap<Integer, Place> map =
            RegionFile.builder(BYTES).createPersistedTo(file.toFile())) {
      assertEquals(1, map.size());
      long address = Region.align(map.getUsing(1, new Place(0)).address());
      long offset = address - ((VanillaChronicleMap<?, ?, ?>) map).bsAddress();
      assertEquals(MARK, Memory.getLong(address));
      Memory.putLong(region.address() + 64, 42);
      assertEquals(42, Memory.getLong(address + 64));
      byte[] bytes = Files.readAllBytes(file);
      assertEquals(
          MARK,
          java.nio.ByteBuffer.wrap(bytes)
              .order(ByteOrder.nativeOrder())
              .getLong(Math.toIntExact(offset)));
    }
  }

  @Test
  void shouldBeginAtACacheLineAndHoldAllItsBytes() {
    try (Region region = Region.open(file)) {
      assertEquals(0, region.address() % Region.ALIGNMENT);
      assertEquals(BYTES, region.bytes());
      assertEquals(MARK, Memory.getLong(region.address()));
      assertEquals(MARK, Memory.getLong(region.address() + BYTES - 8));
    }
  }

  @Test
  void shouldShowTheNewFileWhileTheReplacedOneIsStillAttached() {
    try (Region old = Region.open(file)) {
      RegionFile.create(file, BYTES, base -> Memory.putLong(base, 7));
      try (Region young = Region.open(file)) {
        assertEquals(7, Memory.getLong(young.address()));
        assertEquals(MARK, Memory.getLong(old.address()));
        assertNotEquals(old.inode(), young.inode());
      }
    }
  }

  @Test
  void shouldHaveAllItsBlocksFromTheStart() throws Exception {
    long blocks = blocksOf512(file);
    assertTrue(
        blocks * 512 >= Files.size(file), () -> blocks + " blocks: a full tmpfs would kill us");
  }

  private static long blocksOf512(Path file) throws Exception {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    return Long.parseLong(new String(stat.getInputStream().readAllBytes()).trim());
  }

  @Test
  void shouldAttachAlthoughTheThreadIsInterrupted() {
    Thread.currentThread().interrupt();
    try (Region region = Region.open(file)) {
      assertEquals(MARK, Memory.getLong(region.address()));
      assertTrue(Thread.currentThread().isInterrupted());
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void shouldBeTheSameFileHoweverOftenItWasAttached() throws Exception {
    byte[] before = Files.readAllBytes(file);
    for (int i = 0; i < 3; i++) {
      Region.open(file).close();
    }
    assertArrayEquals(before, Files.readAllBytes(file));
  }
}
