package io.synlev.state;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Shared memory at a fixed address: the value of the one entry of a Chronicle-Map file that {@link
 * RegionFile} made.
 *
 * <p>Chronicle's entry never moves, so attaching maps the file and goes to the place that its
 * trailer names. Chronicle itself is not asked: opening a map takes it 150 ms, it knows its open
 * files by name (a file that was deleted and made again would show its old content), it writes lock
 * words that a killed process leaves behind, and it trusts a damaged header.
 */
final class Region implements AutoCloseable {
  /** Regions begin at multiples of this, a cache line. */
  static final int ALIGNMENT = 64;

  private final Arena arena;
  private final long address;
  private final long bytes;
  private final long inode;
  private final long fileBytes;

  private Region(Arena arena, long address, long bytes, FileFacts facts) {
    this.arena = arena;
    this.address = address;
    this.bytes = bytes;
    this.inode = facts.inode();
    this.fileBytes = facts.bytes();
  }

  /**
   * Attaches to a region. Any thread; waits for no lock.
   *
   * @throws StateException if it is missing, truncated, damaged, not ours, or replaced while we
   *     look
   */
  static Region open(Path file) {
    // An interrupt would close the channel between two steps and make a healthy file an error.
    boolean interrupted = Thread.interrupted();
    try {
      FileFacts facts = FileFacts.of(file);
      facts.checkOurs(false);
      Region region = map(file, facts);
      if (FileFacts.of(file).inode() != facts.inode()) {
        region.close();
        throw new StateException(file + " was replaced by another file just now: try again");
      }
      return region;
    } catch (NoSuchFileException missing) {
      throw new StateException(
          file + " is missing: delete what it belongs to ('magctl delete') and create it again",
          missing);
    } catch (AccessDeniedException e) {
      throw StateDirectory.noPermission(file, e);
    } catch (IOException e) {
      throw new StateException("cannot attach to " + file + ": " + e, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Region map(Path file, FileFacts facts) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      // The length that will be checked is the mapped one: touching more would end in SIGBUS.
      MemorySegment mapping = channel.map(MapMode.READ_WRITE, 0, facts.bytes(), arena);
      long offset = RegionTrailer.check(file, mapping.address(), facts.bytes());
      return new Region(
          arena,
          mapping.address() + offset,
          RegionTrailer.regionBytes(mapping.address(), facts.bytes()),
          facts);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  static long align(long address) {
    return (address + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** Where it begins; a multiple of 64. Valid until {@link #close}. */
  long address() {
    return address;
  }

  /** Its length. */
  long bytes() {
    return bytes;
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
    arena.close();
  }
}
