package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.ByteCondition.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteConditionTest {

  @Test
  void shouldReadTcpdumpsForm() {
    assertEquals(
        new ByteCondition(Header.TCP, 12, 2, 0x01ff, 0x0002),
        ByteCondition.parse("tcp[12:2] & 0x01ff = 0x0002"));
    assertEquals(
        new ByteCondition(Header.SCTP, 12, 4, -1, 0xfedc_ba98),
        ByteCondition.parse("sctp[12:4]==0xfedcba98"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "tcp[12:2] & 0x01ff = 0x0002 ; tcp[12:2] & 0x01ff = 0x0002",
        "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn ; tcp[13] & 0x12 = 0x02",
        "tcp[13] & 2 != 0 ; tcp[13] & 0x02 = 0x02",
        "TCP[13]&tcp-syn!=2 ; tcp[13] & 0x02 = 0x00",
        "udp[8:4]=0xffffffff ; udp[8:4] = 0xffffffff",
        "icmp6[ 0 ] = 128 ; icmp6[0] = 0x80"
      })
  void shouldPrintBackWhatItRead(String text, String printed) {
    ByteCondition condition = ByteCondition.parse(text);
    assertEquals(printed, condition.toString());
    assertEquals(condition, ByteCondition.parse(printed));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ip[0] = 1 | 'ip' is no header",
        "tcp[13] & 2 | '=' is missing at its end",
        "tcp[13 & 2 = 2 | ']' is missing before '& 2 = 2'",
        "tcp[13:3] = 2 | a width of 3 bytes",
        "tcp[64] = 2 | within the first 64",
        "tcp[62:4] = 2 | within the first 64",
        "tcp[13] & 2 = 3 | outside the mask 0x2",
        "tcp[13] & 0 = 0 | looks at no bit",
        "tcp[13] = 256 | does not fit 1 byte",
        "tcp[13] & 0x1ff = 2 | does not fit 1 byte",
        "tcp[13] & 3 != 0 | needs a mask of one bit",
        "tcp[13] = 2x | '2x' is no number",
        "tcp[13] = | a number is missing",
        "tcp[13] = 2 ? | '?' is too much",
        "tcp[-1] = 2 | '-1' is no number",
        "tcp[x] = 2 | 'x' is no number",
        "tcp[0:4] = 4294967296 | is no number"
      })
  void shouldSayWhatIsWrong(String text, String expected) {
    String message =
        assertThrows(StateException.class, () -> ByteCondition.parse(text)).getMessage();
    assertTrue(message.contains(expected), message);
    assertTrue(message.contains("'" + text + "'"), message);
  }
}
