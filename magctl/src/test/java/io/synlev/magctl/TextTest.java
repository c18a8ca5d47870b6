package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
  @ParameterizedTest
  @CsvSource({"0,0", "999,999", "'1,000',1000", "'-1,234,567',-1234567", "'-123',-123"})
  void shouldSeparateThousands(String text, long number) {
    assertEquals(text, Text.count(number));
  }

  @ParameterizedTest
  @CsvSource({"0.0 %,0,0", "33.3 %,1,3", "100.0 %,5,5", "0.1 %,1,1999", "0.0 %,1,2001"})
  void shouldRoundToTenths(String text, long part, long whole) {
    assertEquals(text, Text.percent(part, whole));
  }

  @ParameterizedTest
  @CsvSource({"'',0,0", "'',0,5", "████████████████████,5,5", "██████████,5,10", "▏,1,160"})
  void shouldDrawEighths(String bar, long value, long full) {
    assertEquals(bar, Text.bar(value, full, true));
  }
}
