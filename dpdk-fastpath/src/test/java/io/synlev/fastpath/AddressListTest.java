package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressListTest {

  private static List<InetAddress> addresses(String... texts) {
    return Stream.of(texts).map(InetAddress::ofLiteral).toList();
  }

  @Test
  void shouldReadAddressesAndRanges() {
    assertEquals(List.of(), AddressList.parse("o", "", 9));
    assertEquals(
        addresses("10.1.0.255", "10.1.1.0", "10.1.1.1", "fd00::ffff", "fd00::1:0", "10.9.9.9"),
        AddressList.parse("o", "10.1.0.255-10.1.1.1,fd00::ffff-fd00::1:0,10.9.9.9,10.1.1.0", 6));
    assertEquals(
        addresses("255.255.255.254"), AddressList.parse("o", "255.255.255.254", 1), "the last");
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.0.20-, is no address",
    "'10.1.0.20,', is no address",
    "10.1, is no address",
    "10.1.0.20-fd00::1, two families",
    "10.1.0.20-10.1.0.19, no range of 1 to 4 addresses",
    "10.1.0.20-10.1.0.24, no range of 1 to 4 addresses",
    "fd00::1-fd00:0:0:1::1, no range of 1 to 4 addresses",
    "'10.1.0.1-10.1.0.4,10.1.0.5', makes more than 4",
    "224.0.0.1, could reply to",
    "fe80::1, could reply to",
    "127.0.0.1, could reply to",
    "0.0.0.0, could reply to"
  })
  void shouldSayWhatIsWrong(String text, String message) {
    String said =
        assertThrows(
                IllegalArgumentException.class, () -> AddressList.parse("nat-sources", text, 4))
            .getMessage();
    assertTrue(said.startsWith("nat-sources: '") && said.contains(message), said);
  }
}
