package io.synlev.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeedTest {
  @Test
  void shouldReadWhatItWrites() {
    Seed seed = Seed.parse("00112233445566778899aAbBcCdDeEfF");
    assertEquals(0x0011223344556677L, seed.k0());
    assertEquals(0x8899aabbccddeeffL, seed.k1());
    assertEquals("00112233445566778899aabbccddeeff", seed.toHex());
    assertEquals(seed, Seed.parse(seed.toHex()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0011",
        "00112233445566778899aabbccddeef",
        "00112233445566778899aabbccddeeff0",
        "0x112233445566778899aabbccddeeff",
        "+0112233445566778899aabbccddeeff",
        "00112233445566778899aabbccddeefg"
      })
  void shouldRefuseAnythingElseWithoutRepeatingIt(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Seed.parse(text)).getMessage();
    assertTrue(message.contains("32 hexadecimal digits"), message);
    assertTrue(message.contains("openssl rand -hex 16"), message);
    assertFalse(text.length() > 4 && message.contains(text), message);
  }

  @Test
  void shouldHideItself() {
    assertEquals("Seed[hidden]", new Seed(1, 2).toString());
  }

  @Test
  void shouldNotRepeatRandomSeeds() {
    assertNotEquals(Seed.random(), Seed.random());
  }
}
