package io.synlev.dpdk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Huge pages that were reserved for us beyond what the machine had, and are given back.
 *
 * <p>What was added is on record in a file that stays locked while we live. Whoever starts next and
 * finds a record without its lock gives those pages back first, so not even a kill leaves them
 * behind. Uses /proc/sys/vm/nr_hugepages, that is pages of the default size (2 MB on x86-64); see
 * the kernel's admin-guide/mm/hugetlbpage.rst. Any thread may call.
 */
final class HugePages implements AutoCloseable {

  /** Where records are; on a tmpfs, as reservations do not survive a reboot either. */
  static final Path RECORDS = Path.of("/run/synlev/hugepages");

  private static final Path COUNT = Path.of("/proc/sys/vm/nr_hugepages");
  private static final Path MEMORY = Path.of("/proc/meminfo");

  /** Held while the count is read and changed; inside it the lock of the file, for processes. */
  private static final ReentrantLock TURN = new ReentrantLock();

  private static final String LOCK = "lock";

  private final Path record;
  private final FileChannel channel;
  private final Thread atExit = new Thread(this::giveBack, "hugepages-back");
  private boolean isBack;

  private HugePages(Path record, FileChannel channel) {
    this.record = record;
    this.channel = channel;
  }

  /**
   * Makes sure that so much is free, after giving back what dead processes left reserved.
   *
   * @param records the directory of records
   * @throws DpdkException when memory or rights are missing; then nothing is reserved
   */
  static HugePages reserve(Path records, int megabytes) throws DpdkException {
    TURN.lock();
    try {
      Files.createDirectories(records);
      try (FileChannel all = open(records.resolve(LOCK));
          FileLock _ = all.lock()) {
        giveBackOfTheDead(records);
        return reserveLocked(records, megabytes);
      }
    } catch (DpdkException e) {
      throw e;
    } catch (IOException e) {
      throw new DpdkException(
          "cannot reserve " + megabytes + " MB of huge pages: " + e,
          "run as root, or reserve them before: echo N > " + COUNT,
          e);
    } finally {
      TURN.unlock();
    }
  }

  private static HugePages reserveLocked(Path records, int megabytes) throws IOException {
    long pageKilobytes = meminfo("Hugepagesize");
    long needed = Math.ceilDiv(megabytes * 1024L, pageKilobytes);
    long missing = needed - meminfo("HugePages_Free") + meminfo("HugePages_Rsvd");
    Path record = records.resolve("pid-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
    FileChannel channel = open(record);
    HugePages pages = new HugePages(record, channel);
    try {
      pages.giveBackAtExit();
      if (channel.tryLock() == null) {
        throw new IOException(record + " is locked by another");
      }
      if (missing > 0) {
        pages.add(missing, needed, pageKilobytes);
      }
    } catch (IOException e) {
      pages.close();
      throw e;
    }
    return pages;
  }

  private void giveBackAtExit() throws DpdkException {
    try {
      Runtime.getRuntime().addShutdownHook(atExit);
    } catch (IllegalStateException e) {
      throw ending();
    }
  }

  private static DpdkException ending() {
    return new DpdkException("huge pages are not reserved", "this process is about to end");
  }

  private void add(long missing, long needed, long pageKilobytes) throws IOException {
    if (isBack) {
      throw ending();
    }
    long before = count();
    if (missing * pageKilobytes > meminfo("MemAvailable")) {
      throw refused(needed, pageKilobytes, 0, missing); // trying would squeeze everybody else
    }
    // First the record: a kill in between then gives back too many, bounded by what there is.
    writeRecord(missing);
    setCount(before + missing);
    long got = count() - before;
    writeRecord(Math.max(got, 0));
    if (got < missing) {
      throw refused(needed, pageKilobytes, got, missing);
    }
  }

  private static DpdkException refused(long needed, long pageKilobytes, long got, long missing) {
    return new DpdkException(
        "%d huge pages of %d kB are needed and there is room for %d of %d more"
            .formatted(needed, pageKilobytes, got, missing),
        "free memory, ask for less (MB), or reserve them at boot (hugepages=" + needed + ")");
  }

  private void writeRecord(long pages) throws IOException {
    channel.truncate(0);
    channel.write(StandardCharsets.US_ASCII.encode(pages + "\n"), 0);
  }

  private static void giveBackOfTheDead(Path records) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(records, "pid-*")) {
      for (Path file : files) {
        try (FileChannel channel = open(file);
            FileLock lock = channel.tryLock()) {
          if (lock != null) {
            lower(pagesOf(file));
            Files.deleteIfExists(file);
          }
        } catch (OverlappingFileLockException e) {
          // This process's own: alive.
        }
      }
    }
  }

  private static long pagesOf(Path record) throws IOException {
    String text = Files.readString(record).strip();
    return text.matches("[0-9]{1,9}") ? Long.parseLong(text) : 0;
  }

  private static void lower(long pages) throws IOException {
    if (pages > 0) {
      setCount(Math.max(0, count() - pages));
    }
  }

  /** How many pages are on record as added by us. */
  long added() throws IOException {
    return pagesOf(record);
  }

  /** Gives back what was added; pages in use go back when their last user ends. */
  @Override
  public void close() {
    giveBack();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The process is ending: the hook has run or finds everything given back.
    }
  }

  /** At the end of a process all of its reservations do so at once. */
  private void giveBack() {
    TURN.lock();
    try {
      if (TURN.getHoldCount() > 1) { // a reservation that failed has both locks
        giveBackLocked();
        return;
      }
      try (FileChannel all = open(record.resolveSibling(LOCK));
          FileLock _ = all.lock()) {
        giveBackLocked();
      }
    } catch (IOException e) {
      // The record stays: the next start gives them back.
    } finally {
      TURN.unlock();
    }
  }

  private void giveBackLocked() throws IOException {
    if (isBack) {
      return;
    }
    isBack = true;
    try (channel) {
      lower(pagesOf(record));
      Files.deleteIfExists(record);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /**
   * How many pages the machine has reserved. Not read from {@link #COUNT}: a sysctl answers only
   * the first read(2), and Java's may be one of a single byte.
   */
  static long count() throws IOException {
    return meminfo("HugePages_Total") - meminfo("HugePages_Surp");
  }

  /** The size of one. */
  static long pageBytes() throws IOException {
    return meminfo("Hugepagesize") * 1024;
  }

  private static void setCount(long pages) throws IOException {
    Files.writeString(COUNT, pages + "\n", StandardOpenOption.WRITE);
  }

  private static long meminfo(String name) throws IOException {
    for (String line : Files.readAllLines(MEMORY)) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException(MEMORY + " has no " + name + ": this kernel has no huge pages");
  }
}
