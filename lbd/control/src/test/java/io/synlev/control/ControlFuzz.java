package io.synlev.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Map;

/**
 * What a client may write into the control socket, in pieces; docs/testing.md. The first byte of an
 * input is the size of the pieces.
 */
public final class ControlFuzz {

  private static final int LONGEST_LINE = 4096;
  private static final Caller CALLER = new Caller(0, 0, 1);

  private static final Dispatcher METHODS =
      new Dispatcher()
          .query("echo", (caller, params) -> params)
          .query("count", (caller, params) -> params.size())
          .query(
              "refuse",
              (caller, params) -> {
                throw new RpcException(RpcError.FAILED, String.valueOf(params.get("why")));
              });

  private ControlFuzz() {}

  /** What a fuzzer calls. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    LineBuffer lines = new LineBuffer(LONGEST_LINE);
    int size = Math.max(1, input[0] & 0xff);
    for (int at = 1; at < input.length; at += size) {
      lines.append(ByteBuffer.wrap(input, at, Math.min(size, input.length - at)));
      try {
        while (answerNext(lines)) {
          // Until a line is not whole.
        }
      } catch (LineBuffer.TooLongException e) {
        return; // The connection ends.
      }
    }
  }

  private static boolean answerNext(LineBuffer lines) throws Exception {
    try {
      String line = lines.next();
      if (line != null) {
        check(METHODS.answer(CALLER, line));
      }
      return line != null;
    } catch (CharacterCodingException e) {
      return true;
    }
  }

  /** An answer is one line of JSON, each response with either a result or an error. */
  private static void check(String answer) throws IOException {
    if (answer == null) {
      return;
    }
    if (answer.indexOf('\n') >= 0) {
      throw new AssertionError("more than a line: " + answer);
    }
    Object read = Json.read(answer);
    for (Object one : read instanceof List<?> batch ? batch : List.of(read)) {
      Map<?, ?> response = (Map<?, ?>) one;
      if (!"2.0".equals(response.get("jsonrpc"))
          || !response.containsKey("id")
          || response.containsKey("result") == response.containsKey("error")) {
        throw new AssertionError("no response: " + answer);
      }
      if (response.get("error") instanceof Map<?, ?> error
          && error.get("code").equals(RpcError.INTERNAL_ERROR)) {
        throw new AssertionError("a handler that cannot fail did: " + answer);
      }
    }
  }
}
