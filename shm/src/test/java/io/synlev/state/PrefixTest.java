package io.synlev.state;

import static io.synlev.state.StateFixture.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/24, 10.0.0.0/24",
    "192.0.2.1, 192.0.2.1/32",
    "0.0.0.0/0, 0.0.0.0/0",
    "255.255.255.255/32, 255.255.255.255/32",
    "2001:db8::/32, 2001:db8::/32",
    "::/0, ::/0",
    "::1, ::1/128",
    "2001:0DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1/128",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1/128",
    "1:0:0:2:0:0:0:3, 1:0:0:2::3/128",
    "fe80::/10, fe80::/10",
    "8000::/1, 8000::/1",
    "ffff:ffff:ffff:ffff:8000::/65, ffff:ffff:ffff:ffff:8000::/65"
  })
  void shouldReadAndWriteTheUsualForm(String text, String expected) {
    assertEquals(expected, Prefix.parse(text).toString());
    assertEquals(Prefix.parse(text), Prefix.parse(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/24",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0/24",
        "10.0.0.0.0/8",
        "10.0.0.256",
        "1234",
        "2001:db8::/129",
        "2001:db8::/x",
        "::1%lo",
        "example.org",
        "2001:db8:::1",
        "10.0.0.0/8/8",
        " 10.0.0.0"
      })
  void shouldRefuseAnythingElse(String text) {
    assertRefused(() -> Prefix.parse(text), "'");
  }

  @Test
  void shouldSayWhichPrefixWasMeant() {
    assertRefused(() -> Prefix.parse("10.0.0.1/24"), "'10.0.0.1/24'", "'10.0.0.0/24'");
    assertRefused(() -> Prefix.parse("2001:db8::1/64"), "'2001:db8::/64'");
  }

  /** Compared with arithmetic on the whole address. */
  @Test
  void shouldContainWhatBeginsWithItsBits() {
    Random random = new Random(1);
    for (int n = 0; n < 20_000; n++) {
      boolean ipv6 = random.nextBoolean();
      int bits = ipv6 ? 128 : 32;
      int length = random.nextInt(bits + 1);
      BigInteger network =
          new BigInteger(bits, random).shiftRight(bits - length).shiftLeft(bits - length);
      Prefix prefix =
          new Prefix(ipv6, network.shiftRight(64).longValue(), network.longValue(), length);
      // One flipped bit decides.
      int flipped = random.nextInt(bits);
      BigInteger address = network.or(new BigInteger(bits - length, random));
      BigInteger other = address.flipBit(bits - 1 - flipped);
      assertTrue(contains(prefix, address));
      assertEquals(flipped >= length, contains(prefix, other), prefix + " and " + other);
    }
  }

  private static boolean contains(Prefix prefix, BigInteger address) {
    return prefix.contains(prefix.ipv6(), address.shiftRight(64).longValue(), address.longValue());
  }
}
