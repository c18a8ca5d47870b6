package io.synlev.state;

import io.synlev.memory.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/**
 * The last bytes of a region's file: where the region is, and a checksum of what Chronicle-Map
 * wrote in front of it. A file that was cut, overwritten or lengthened has no valid trailer at its
 * end.
 *
 * <pre>
 *   offset  bytes
 *        0      8  magic
 *        8      8  length of the file
 *       16      8  offset of the region in the file, a multiple of 64
 *       24      8  bytes of the region
 *       32      8  CRC-32 of the file up to the region, then of this trailer up to here
 * </pre>
 */
final class RegionTrailer {
  /** "SYNLEVFL" read as a little-endian long. */
  private static final long MAGIC = 0x4c46_5645_4c4e_5953L;

  private static final int FILE_BYTES_OFFSET = 8;
  private static final int REGION_OFFSET = 16;
  private static final int REGION_BYTES_OFFSET = 24;
  private static final int CHECKSUM_OFFSET = 32;
  private static final int BYTES = 40;

  /** More than Chronicle-Map ever puts in front of the one entry. */
  private static final long LONGEST_FRONT = 1 << 20;

  private RegionTrailer() {}

  /** Ends a new file, which nobody changes meanwhile, with its trailer. */
  static void append(Path file, long regionOffset, long regionBytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      // An offset that is a multiple of 8, so that the mapping can be read there.
      long at = channel.size() + 7 & -8;
      ByteBuffer trailer = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
      trailer.putLong(MAGIC).putLong(at + BYTES).putLong(regionOffset).putLong(regionBytes);
      ByteBuffer front = ByteBuffer.allocateDirect((int) regionOffset);
      while (front.hasRemaining() && channel.read(front, front.position()) >= 0) {
        // Until all is read.
      }
      trailer.putLong(checksum(front.flip(), trailer.duplicate().flip())).flip();
      while (trailer.hasRemaining()) {
        channel.write(trailer, at + trailer.position());
      }
    }
  }

  private static long checksum(ByteBuffer front, ByteBuffer trailer) {
    CRC32 crc = new CRC32();
    crc.update(front);
    crc.update(trailer);
    return crc.getValue();
  }

  /**
   * Checks a mapped file and tells where its region begins.
   *
   * @param start address of the mapping
   * @param bytes its length, that of the file
   * @return the offset of the region in the file
   * @throws StateException if the file is not as it was made
   */
  static long check(Path file, long start, long bytes) {
    long at = start + bytes - BYTES;
    if (bytes < BYTES
        || bytes % 8 != 0
        || Memory.getLong(at) != MAGIC
        || Memory.getLong(at + FILE_BYTES_OFFSET) != bytes) {
      throw damaged(file, "has no valid end at its " + bytes + " bytes");
    }
    long offset = Memory.getLong(at + REGION_OFFSET);
    long regionBytes = Memory.getLong(at + REGION_BYTES_OFFSET);
    if (offset <= 0
        || offset > LONGEST_FRONT
        || regionBytes <= 0
        || offset > bytes - BYTES - regionBytes) {
      throw damaged(file, "claims a region of " + regionBytes + " bytes at " + offset);
    }
    long checksum =
        checksum(
            Memory.slice(start, offset).asByteBuffer(),
            Memory.slice(at, CHECKSUM_OFFSET).asByteBuffer());
    if (checksum != Memory.getLong(at + CHECKSUM_OFFSET)) {
      throw damaged(file, "has a header whose checksum does not match");
    }
    return offset;
  }

  /** The bytes of the region in a file that {@link #check} found good. */
  static long regionBytes(long start, long bytes) {
    return Memory.getLong(start + bytes - BYTES + REGION_BYTES_OFFSET);
  }

  private static StateException damaged(Path file, String what) {
    return new StateException(
        file
            + " "
            + what
            + ": it was truncated or overwritten; delete it ('magctl delete') and create it again");
  }
}
