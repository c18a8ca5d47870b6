package io.synlev.state;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;

/** Damages files of regions, behind the back of the code under test. */
final class RegionBytes {
  /** Of the trailer, as its class draws it. */
  private static final int TRAILER_BYTES = 40;

  private static final int TRAILER_REGION_OFFSET = 16;

  private RegionBytes() {}

  private static ByteBuffer read(RandomAccessFile file, long at, int bytes) throws IOException {
    byte[] buffer = new byte[bytes];
    file.seek(at);
    file.readFully(buffer);
    return ByteBuffer.wrap(buffer).order(ByteOrder.nativeOrder());
  }

  /** Where the region begins in its file. */
  static long offset(Path path) {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      long at = file.length() - TRAILER_BYTES + TRAILER_REGION_OFFSET;
      return read(file, at, Long.BYTES).getLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Overwrites a field of the region. */
  static void putLong(Path path, long offsetInRegion, long value) {
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putLong(value);
    write(path, offset(path) + offsetInRegion, bytes);
  }

  /** Overwrites a field of the region. */
  static void putInt(Path path, long offsetInRegion, int value) {
    byte[] bytes = new byte[Integer.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putInt(value);
    write(path, offset(path) + offsetInRegion, bytes);
  }

  /** Overwrites bytes of the file. */
  static void write(Path path, long at, byte[] bytes) {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(at);
      file.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Overwrites a stretch of the file with noise. */
  static void scramble(Path path, long at, int length, Random random) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    write(path, at, noise);
  }

  /** Cuts or lengthens the file. */
  static void setLength(Path path, long length) {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
