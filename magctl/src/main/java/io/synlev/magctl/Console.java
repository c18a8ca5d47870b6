package io.synlev.magctl;

import io.synlev.state.StateException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a command writes. Output is collected and written at once, so that a reader never sees half
 * a table, and so that a full disk is an error instead of silence; errors are written immediately.
 */
final class Console {
  private final OutputStream stdout;
  private final OutputStream stderr;
  private final StringBuilder pending = new StringBuilder();
  private final boolean colours;
  private final boolean unicode;
  private final boolean progress;

  /**
   * Writes to streams.
   *
   * @param colours whether stdout is a terminal that may get colours
   * @param unicode whether stdout takes more than ASCII
   * @param progress whether stderr is a terminal, where progress is shown
   */
  Console(
      OutputStream stdout,
      OutputStream stderr,
      boolean colours,
      boolean unicode,
      boolean progress) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.colours = colours;
    this.unicode = unicode;
    this.progress = progress;
  }

  /** The process's own stdout and stderr. */
  static Console ofProcess() {
    String noColour = System.getenv("NO_COLOR");
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    return new Console(
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err),
        (noColour == null || noColour.isEmpty()) && !dumb && isTerminal(1),
        "UTF-8".equals(System.getProperty("native.encoding")),
        !dumb && isTerminal(2));
  }

  /** {@code System.console()} would load a terminal library to say it. */
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | SecurityException unknown) {
      return false;
    }
  }

  boolean colours() {
    return colours;
  }

  boolean unicode() {
    return unicode;
  }

  boolean progress() {
    return progress;
  }

  /** Collects text for stdout. */
  void print(String text) {
    pending.append(text);
  }

  /** Collects a line for stdout. */
  void println(String line) {
    pending.append(line).append('\n');
  }

  /** Writes what was collected. */
  void flush() throws IOException {
    if (!pending.isEmpty()) {
      byte[] bytes = encode(pending);
      pending.setLength(0);
      stdout.write(bytes);
      stdout.flush();
    }
  }

  /**
   * Writes what was collected, for commands that go on printing.
   *
   * @return false if the reader has gone, so that there is nothing left to do
   * @throws StateException if it cannot be written
   */
  boolean isFlushed() {
    try {
      flush();
      return true;
    } catch (IOException e) {
      if (isClosedPipe(e)) {
        return false;
      }
      throw new StateException("cannot write the output: " + e.getMessage(), e);
    }
  }

  /** Says on stderr what went wrong. */
  void error(String message) {
    writeError("magctl: " + message + "\n");
  }

  /** Writes to stderr as it is, for progress. */
  void writeError(String text) {
    try {
      stderr.write(encode(text));
      stderr.flush();
    } catch (IOException nobodyListens) {
      // There is no third place to say it; the exit code tells.
    }
  }

  private byte[] encode(CharSequence text) {
    return text.toString().getBytes(unicode ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII);
  }

  /** Whether a write failed because the reader has gone (EPIPE). */
  static boolean isClosedPipe(IOException e) {
    return e.getMessage() != null && e.getMessage().contains("Broken pipe");
  }
}
