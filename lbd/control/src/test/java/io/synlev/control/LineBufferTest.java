package io.synlev.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LineBufferTest {
  private final LineBuffer lines = new LineBuffer(1000);

  private void append(String text) {
    lines.append(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void shouldWaitForTheEndOfALine() throws Exception {
    append("he");
    assertNull(lines.next());
    append("llo\nwor");
    assertEquals("hello", lines.next());
    assertNull(lines.next());
    append("ld\n\n");
    assertEquals("world", lines.next());
    assertEquals("", lines.next());
    assertNull(lines.next());
  }

  @Test
  void shouldJoinALineThatComesByteByByte() throws Exception {
    String line = "ä€𝄞".repeat(100);
    for (byte each : (line + "\n").getBytes(StandardCharsets.UTF_8)) {
      assertNull(lines.next());
      lines.append(ByteBuffer.wrap(new byte[] {each}));
    }
    assertEquals(line, lines.next());
  }

  @Test
  void shouldRefuseALineLongerThanTheLimitBeforeItEnds() throws Exception {
    append("x".repeat(1000) + "\n");
    assertEquals(1000, lines.next().length());
    append("x".repeat(1001));
    assertThrows(LineBuffer.TooLongException.class, lines::next);
  }

  @Test
  void shouldReadOnAfterALineThatIsNotUtf8() throws Exception {
    lines.append(ByteBuffer.wrap(new byte[] {'a', (byte) 0xff, '\n', 'b', '\n'}));
    assertThrows(CharacterCodingException.class, lines::next);
    assertEquals("b", lines.next());
  }
}
