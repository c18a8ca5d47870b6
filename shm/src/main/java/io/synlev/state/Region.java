package io.synlev.state;

import io.synlev.state.RegionMarshaller.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;
import net.openhft.chronicle.hash.impl.BigSegmentHeader;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.map.VanillaChronicleMap;
import net.openhft.posix.PosixAPI;

/**
 * A file of shared memory: a Chronicle-Map of one entry, used at its direct address.
 *
 * <p>Everything that goes through Chronicle happens while the instance's {@link WriterLock} is
 * held; afterwards only the address is used. A region is filled under another name and renamed when
 * whole, so under its own name it is never half made. Its bytes are allocated at creation: a full
 * file system is an error there and no signal later.
 */
final class Region implements AutoCloseable {
  private static final int KEY = 1;
  private static final int ALIGNMENT = 64;

  /** What Chronicle's own headers need beside the region, generously. */
  private static final long OVERHEAD_BYTES = 64 << 10;

  static {
    // Chronicle would load jnr-ffi for system calls that we need not: 60 ms of every start.
    PosixAPI.useNoOpPosixApi();
  }

  private final ChronicleMap<Integer, Place> map;
  private final long address;
  private final long inode;
  private final long fileBytes;

  private Region(Path file, ChronicleMap<Integer, Place> map, long address) {
    this.map = map;
    this.address = align(address);
    this.inode = inode(file);
    this.fileBytes = file.toFile().length();
  }

  /**
   * Creates a region of zeros, has it filled, and gives it its name.
   *
   * @param bytes its size
   * @param fill is given the address, a multiple of 64
   * @throws StateException if there is no room or no permission; then nothing is left behind
   */
  static Region create(Path file, long bytes, LongConsumer fill) {
    Path unfinished = file.resolveSibling("." + file.getFileName() + ".new");
    try {
      // Left by a creator that was killed; whoever holds the lock may clear it away.
      Files.deleteIfExists(unfinished);
      requireRoom(file.getParent(), bytes);
      StateDirectory.createFile(unfinished);
      try (ChronicleMap<Integer, Place> map =
          builder(bytes).createPersistedTo(unfinished.toFile())) {
        allocate(unfinished);
        map.put(KEY, new Place(bytes + ALIGNMENT));
        fill.accept(align(address(map)));
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      discard(unfinished);
      if (e instanceof StateException told) {
        throw told;
      }
      throw new StateException("cannot create " + file + ": " + e, e);
    }
    // Chronicle knows its open files by name, so the map is opened again under the lasting one.
    return open(file, file.toFile().length());
  }

  /**
   * Attaches to a region.
   *
   * @param fileBytes the file's length as noted at its creation
   * @throws StateException if it is missing, truncated, not ours, or no region
   */
  static Region open(Path file, long fileBytes) {
    try {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new NoSuchFileException(file.toString());
      }
      StateDirectory.checkOwner(file, false);
      long length = Files.size(file);
      if (length != fileBytes) {
        // Mapping it would end in SIGBUS at the first access behind its end.
        throw new StateException(
            "%s has %d bytes instead of %d: it was truncated or overwritten; %s"
                .formatted(file, length, fileBytes, "delete the instance and create it again"));
      }
      ChronicleMap<Integer, Place> map = builder(fileBytes).createPersistedTo(file.toFile());
      freeStaleLock(map);
      return new Region(file, map, address(map));
    } catch (StateException told) {
      throw told;
    } catch (NoSuchFileException missing) {
      throw new StateException(
          file + " is missing, although the registry names it: delete and create it again",
          missing);
    } catch (IOException | RuntimeException e) {
      throw new StateException("cannot attach to " + file + ": " + e, e);
    }
  }

  private static ChronicleMapBuilder<Integer, Place> builder(long bytes) {
    RegionMarshaller marshaller = new RegionMarshaller();
    return ChronicleMapBuilder.of(Integer.class, Place.class)
        .name("synlev")
        .entries(1)
        .actualSegments(1)
        .constantKeySizeBySample(KEY)
        .valueMarshallers(marshaller, marshaller)
        .constantValueSizeBySample(new Place(bytes + ALIGNMENT))
        .entryAndValueOffsetAlignment(8)
        // A checksum would be wrong after our first direct write, and recovery would then delete
        // the entry.
        .checksumEntries(false);
  }

  /**
   * Opens the lock inside Chronicle-Map that a process killed between two instructions may have
   * left locked. Holding the writer lock, we know that nobody alive holds it.
   */
  private static void freeStaleLock(ChronicleMap<Integer, Place> map) {
    VanillaChronicleMap<?, ?, ?> vanilla = (VanillaChronicleMap<?, ?, ?>) map;
    for (int segment = 0; segment < vanilla.segments(); segment++) {
      BigSegmentHeader.INSTANCE.resetLock(vanilla.segmentHeaderAddress(segment));
    }
  }

  private static long address(ChronicleMap<Integer, Place> map) {
    Place place = map.getUsing(KEY, new Place(0));
    if (place == null) {
      throw new StateException("the file is no region of ours");
    }
    return place.address();
  }

  private static void requireRoom(Path directory, long bytes) throws IOException {
    FileStore store = Files.getFileStore(directory);
    long needed = bytes + OVERHEAD_BYTES;
    if (store.getUsableSpace() < needed) {
      throw new StateException(
          "%s has %,d KiB free and %,d KiB are needed: mount -o remount,size=… it larger, or choose"
                  .formatted(directory, store.getUsableSpace() >> 10, needed >> 10)
              + " fewer slots or a smaller capacity");
    }
  }

  /**
   * Gives the sparse file its blocks, by writing back what it holds: a full file system fails this
   * write, whereas it would answer an access to the mapping with SIGBUS.
   */
  private static void allocate(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer piece = ByteBuffer.allocateDirect(1 << 16);
      for (long at = 0; at < channel.size(); at += piece.limit()) {
        piece.clear();
        channel.read(piece, at);
        piece.flip();
        while (piece.hasRemaining()) {
          channel.write(piece, at + piece.position());
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

  private static long align(long address) {
    return (address + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private static long inode(Path file) {
    try {
      return (long) Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new StateException("cannot look at " + file + ": " + e, e);
    }
  }

  /** Where it begins; a multiple of 64. Valid until {@link #close}. */
  long address() {
    return address;
  }

  /** The file's inode number; another one under the same name is another region. */
  long inode() {
    return inode;
  }

  /** The file's length. */
  long fileBytes() {
    return fileBytes;
  }

  /** Unmaps it: nobody may use the address any more. */
  @Override
  public void close() {
    map.close();
  }
}
