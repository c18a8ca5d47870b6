package io.synlev.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import jnr.unixsocket.UnixSocketChannel;

/**
 * One client of the server. Used by the server's thread alone and never waits.
 *
 * <p>What it holds is bounded: while an answer waits for its client, no further request is read.
 */
final class Connection {
  private final UnixSocketChannel channel;
  private final SelectionKey key;
  private final Caller caller;
  private final Dispatcher methods;
  private final LineBuffer lines;
  private final int maxLineBytes;
  private ByteBuffer output = ByteBuffer.allocate(0);
  private boolean isEnding;
  private boolean isDeaf;
  private long lastHeard;

  Connection(
      UnixSocketChannel channel,
      SelectionKey key,
      Caller caller,
      Dispatcher methods,
      int maxLineBytes) {
    this.channel = channel;
    this.key = key;
    this.caller = caller;
    this.methods = methods;
    this.maxLineBytes = maxLineBytes;
    this.lines = new LineBuffer(maxLineBytes);
    this.lastHeard = System.nanoTime();
  }

  /** When it last sent a whole line, on {@link System#nanoTime}'s scale. */
  long lastHeard() {
    return lastHeard;
  }

  /**
   * Reads, answers and writes as far as that goes without waiting.
   *
   * @param scratch an empty buffer to read into
   * @throws IOException if the client is gone
   */
  void serve(ByteBuffer scratch) throws IOException {
    if (key.isReadable() && !output.hasRemaining() && !isEnding) {
      // One buffer a turn: a client that never stops talking does not keep the others waiting.
      if (channel.read(scratch) < 0) {
        isEnding = true;
      }
      lines.append(scratch.flip());
    }
    if (write()) {
      answerAll();
    }
    if (!output.hasRemaining() && isEnding) {
      close();
    } else {
      // Never no interest at all: poll(2) reports a hang-up regardless, and would not block.
      key.interestOps(output.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    }
  }

  private void answerAll() throws IOException {
    boolean isDrained = true;
    while (isDrained && !isDeaf) {
      String answer;
      try {
        String line = lines.next();
        if (line == null) {
          return;
        }
        lastHeard = System.nanoTime();
        answer = line.isBlank() ? null : methods.answer(caller, line);
      } catch (CharacterCodingException e) {
        answer = Dispatcher.error(null, RpcError.PARSE_ERROR, "not JSON: the line is not UTF-8");
      } catch (LineBuffer.TooLongException e) {
        answer =
            Dispatcher.error(
                null,
                RpcError.LINE_TOO_LONG,
                "a line may have " + maxLineBytes + " bytes; closing the connection");
        isEnding = true;
        isDeaf = true;
      }
      if (answer != null) {
        output = ByteBuffer.wrap((answer + "\n").getBytes(StandardCharsets.UTF_8));
        isDrained = write();
      }
    }
  }

  private boolean write() throws IOException {
    while (output.hasRemaining() && channel.write(output) > 0) {}
    return !output.hasRemaining();
  }

  void close() {
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  boolean isOpen() {
    return channel.isOpen();
  }
}
