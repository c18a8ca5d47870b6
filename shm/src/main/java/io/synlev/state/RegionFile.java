package io.synlev.state;

import io.synlev.state.RegionMarshaller.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.map.VanillaChronicleMap;
import net.openhft.posix.PosixAPI;

/**
 * Makes the file of a {@link Region}: a Chronicle-Map of one entry, and behind it a {@link
 * RegionTrailer} that says where the entry's value begins.
 *
 * <p>A file is filled under another name and renamed when whole, so under its own name it is never
 * half made, whenever its maker dies. Its bytes are allocated at creation: a full file system is an
 * error there and no signal later.
 */
final class RegionFile {
  private static final int KEY = 1;

  /** What Chronicle's own headers need beside the region, generously. */
  private static final long OVERHEAD_BYTES = 64 << 10;

  private static final int PIECE_BYTES = 1 << 16;

  static {
    // Chronicle would make a directory "target" among temporary files; below this it makes none.
    System.setProperty("project.build.directory", "/dev/null");
    // Chronicle would start a thread that closes things later.
    System.setProperty("background.releaser", "false");
    // Chronicle would load jnr-ffi for system calls that we need not: 60 ms of every start.
    PosixAPI.useNoOpPosixApi();
  }

  private RegionFile() {}

  /**
   * Creates the file of a region of zeros, has it filled, and gives it its name; whatever had that
   * name before is replaced. The writer's lock is held.
   *
   * @param bytes the region's size
   * @param fill is given the address, a multiple of {@link Region#ALIGNMENT}
   * @throws StateException if there is no room or no permission; then nothing is left behind
   */
  static void create(Path file, long bytes, LongConsumer fill) {
    Path unfinished = StateDirectory.unfinished(file);
    try {
      // Left by a creator that was killed; whoever holds the lock may clear it away.
      Files.deleteIfExists(unfinished);
      requireRoom(file.getParent(), bytes);
      StateDirectory.createFile(unfinished);
      long offset = lay(unfinished, bytes, fill);
      RegionTrailer.append(unfinished, offset, bytes);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      discard(unfinished);
      if (e instanceof StateException told) {
        throw told;
      }
      throw new StateException("cannot create " + file + ": " + e, e);
    }
  }

  /** Has Chronicle lay out the file; returns where in it the region begins. */
  private static long lay(Path file, long bytes, LongConsumer fill) throws IOException {
    try (ChronicleMap<Integer, Place> map = builder(bytes).createPersistedTo(file.toFile())) {
      allocate(file);
      map.put(KEY, new Place(bytes + Region.ALIGNMENT));
      long address = Region.align(map.getUsing(KEY, new Place(0)).address());
      fill.accept(address);
      return address - ((VanillaChronicleMap<?, ?, ?>) map).bsAddress();
    }
  }

  /** How Chronicle opens such a file. */
  static ChronicleMapBuilder<Integer, Place> builder(long bytes) {
    RegionMarshaller marshaller = new RegionMarshaller();
    return ChronicleMapBuilder.of(Integer.class, Place.class)
        .name("synlev")
        .entries(1)
        .actualSegments(1)
        .constantKeySizeBySample(KEY)
        .valueMarshallers(marshaller, marshaller)
        .constantValueSizeBySample(new Place(bytes + Region.ALIGNMENT))
        .entryAndValueOffsetAlignment(8)
        // A checksum would be wrong after our first direct write, and recovery would then delete
        // the entry.
        .checksumEntries(false)
        .skipCloseOnExitHook(true);
  }

  private static void requireRoom(Path directory, long bytes) throws IOException {
    FileStore store = Files.getFileStore(directory);
    long needed = bytes + OVERHEAD_BYTES;
    if (store.getUsableSpace() < needed) {
      throw noRoom(directory, store.getUsableSpace(), needed, null);
    }
  }

  private static StateException noRoom(Path directory, long free, long needed, IOException cause) {
    return new StateException(
        "%s has %,d KiB free and %,d KiB are needed: mount -o remount,size=… it larger, or choose"
                .formatted(directory, free >> 10, needed >> 10)
            + " fewer slots or a smaller capacity",
        cause);
  }

  /**
   * Gives the sparse file its blocks, by writing back what it holds: a full file system fails this
   * write, whereas it would answer an access to the mapping with SIGBUS.
   */
  static void allocate(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long bytes = channel.size();
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
      for (long at = 0; at < bytes; at += PIECE_BYTES) {
        piece.clear();
        channel.read(piece, at);
        piece.flip();
        try {
          while (piece.hasRemaining()) {
            channel.write(piece, at + piece.position());
          }
        } catch (IOException full) {
          // Somebody else took the room since we looked.
          throw noRoom(file.getParent(), Files.getFileStore(file).getUsableSpace(), bytes, full);
        }
      }
    }
  }

  private static void discard(Path unfinished) {
    try {
      Files.deleteIfExists(unfinished);
    } catch (IOException e) {
      // The next creation deletes it; the error that brought us here matters more.
    }
  }
}
