package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.state.Backend;
import io.synlev.state.HealthCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers as RFC 9112 has them, and as it has not. */
class HttpAnswerTest {
  private static final String LF = "\r\n";

  private static Question question(String body) {
    HealthCheck.Builder check = HealthCheck.builder().set("kind", "http");
    if (!body.isEmpty()) {
      check.set("body", body);
    }
    return new Question(new Subject("p", Backend.of("b", 1), check.build(), null, 0, null));
  }

  /** What comes of an answer in pieces of so many bytes, and the end of the connection after it. */
  private static Outcome read(String body, String text, int piece) {
    HttpAnswer answer = new HttpAnswer();
    answer.begin(question(body));
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(Math.max(1, bytes.length));
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, all, 0, bytes.length);
      for (int from = 0; from < bytes.length; from += piece) {
        int length = Math.min(piece, bytes.length - from);
        Outcome outcome = answer.take(all.asSlice(from, length), length);
        if (outcome != Outcome.PENDING) {
          return outcome;
        }
      }
    }
    return answer.end();
  }

  private static void assertReads(Outcome expected, String body, String text) {
    for (int piece : new int[] {1, 2, 3, 7, 100_000}) {
      assertEquals(expected, read(body, text, piece), () -> "in pieces of " + piece);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 200 OK, OK",
    "HTTP/1.0 204 No Content, OK",
    "HTTP/1.1 399, OK",
    "HTTP/1.1 404 Not Found, WRONG_STATUS",
    "HTTP/1.1 503 , WRONG_STATUS",
    "HTTP/2 200, MALFORMED",
    "HTTP/1.1 2000 OK, MALFORMED",
    "HTTP/1.1 20 OK, MALFORMED",
    "HTTP/1.1  200 OK, MALFORMED",
    "SSH-2.0-OpenSSH_9.2, MALFORMED",
    "'', MALFORMED",
  })
  void shouldReadTheStatus(String line, Outcome expected) {
    assertReads(expected, "", line + LF + LF);
  }

  @Test
  void shouldNotWaitForMoreThanTheStatusWhenNoTextIsLookedFor() {
    assertReads(Outcome.OK, "", "HTTP/1.1 200 OK" + LF);
  }

  @Test
  void shouldWaitForTheAnswerBehindAnInformationalOne() {
    String early = "HTTP/1.1 103 Early Hints" + LF + "Link: </x>" + LF + LF;
    assertReads(Outcome.OK, "", early + "HTTP/1.1 200 OK" + LF + LF);
    assertReads(Outcome.WRONG_STATUS, "", early + early + "HTTP/1.1 500 Oops" + LF + LF);
  }

  @Test
  void shouldTellAnAnswerThatEndsBeforeItsStatusDoes() {
    assertReads(Outcome.CLOSED, "", "");
    assertReads(Outcome.CLOSED, "", "HTTP/1.1 200 O");
  }

  @Test
  void shouldForgetTheStatusOfTheAnswerBefore() {
    HttpAnswer answer = new HttpAnswer();
    answer.begin(question(""));
    byte[] bytes = ("HTTP/1.1 200 OK" + LF).getBytes(StandardCharsets.ISO_8859_1);
    answer.take(MemorySegment.ofArray(bytes), bytes.length);
    assertEquals(200, answer.status());

    answer.begin(question(""));

    assertEquals(0, answer.status());
  }

  @Test
  void shouldFindATextInABodyOfKnownLength() {
    String head = "HTTP/1.1 200 OK" + LF + "Content-Length: 12" + LF + LF;
    assertReads(Outcome.OK, "all well", head + "all all well");
    assertReads(Outcome.WRONG_ANSWER, "all well", head + "all but well");
    assertReads(Outcome.WRONG_ANSWER, "all well", head + "all but welall well");
    assertReads(Outcome.CLOSED, "all well", head + "all but");
  }

  @Test
  void shouldFindATextInABodyThatEndsWithTheConnection() {
    String head = "HTTP/1.1 200 OK" + LF + "Server: x" + LF + LF;
    assertReads(Outcome.OK, "well", head + "all is well");
    assertReads(Outcome.WRONG_ANSWER, "well", head + "all is wel");
  }

  @Test
  void shouldFindATextThatChunksCut() {
    String head = "HTTP/1.1 200 OK" + LF + "transfer-encoding: Chunked" + LF + LF;
    String body = "5;name=value" + LF + "all w" + LF + "A" + LF + "ell, mostly" + LF;
    assertReads(Outcome.OK, "all well", head + body.replace("A" + LF, "B" + LF) + "0" + LF + LF);
    assertReads(
        Outcome.WRONG_ANSWER, "well-", head + "3" + LF + "wel" + LF + "0" + LF + LF + "well-");
    assertReads(Outcome.CLOSED, "well", head + "3" + LF + "we");
    assertReads(Outcome.MALFORMED, "well", head + "x" + LF + "we");
  }

  @Test
  void shouldNotTakeHeadersForTheBody() {
    String head = "HTTP/1.1 200 OK" + LF + "X: well" + LF + "Content-Length: 0" + LF + LF;
    assertReads(Outcome.WRONG_ANSWER, "well", head);
  }

  @Test
  void shouldNotReadForEver() {
    String head = "HTTP/1.1 200 OK" + LF + LF;
    assertReads(Outcome.TOO_LARGE, "well", head + "x".repeat(HttpAnswer.MOST_BODY) + "well");
    assertReads(Outcome.MALFORMED, "well", "HTTP/1.1 200 OK" + LF + "x".repeat(100_000));
    assertReads(Outcome.MALFORMED, "well", "x".repeat(100_000));
  }

  /** RFC 9110, 8.6, and RFC 9112, 7.1: large numbers are to be expected. */
  @Test
  void shouldTakeLengthsOfAnySize() {
    for (String digits : new String[] {"99999999", "4294967296", "9".repeat(19), "9".repeat(60)}) {
      String length = "HTTP/1.1 200 OK" + LF + "Content-Length: " + digits + LF + LF;
      assertReads(Outcome.OK, "well", length + "all is well");
      assertReads(Outcome.CLOSED, "well", length + "all is");
      String chunked = "HTTP/1.1 200 OK" + LF + "Transfer-Encoding: chunked" + LF + LF;
      assertReads(Outcome.OK, "well", chunked + digits + LF + "all is well");
      assertReads(Outcome.CLOSED, "well", chunked + digits + LF + "all is");
    }
  }

  @Test
  void shouldRefuseALengthThatIsNone() {
    for (String length : new String[] {"-1", "", "1x", "1,1"}) {
      String head = "HTTP/1.1 200 OK" + LF + "Content-Length: " + length + LF + LF;
      assertReads(Outcome.MALFORMED, "well", head + "well");
    }
  }
}
