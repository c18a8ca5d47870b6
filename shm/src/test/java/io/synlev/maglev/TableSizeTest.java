package io.synlev.maglev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableSizeTest {
  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "8, 7",
    "10, 7",
    "11, 11",
    "100, 97",
    "1000, 997",
    "65535, 65521",
    "65536, 65521",
    "65537, 65537",
    "655373, 655373",
    "5000011, 5000011",
    "5000010, 4999999"
  })
  void shouldChooseThePrimeAtOrBelow(int wanted, int expected) {
    assertEquals(expected, TableSize.atMost(wanted));
  }

  @Test
  void shouldAgreeWithAnotherTestOfPrimality() {
    for (int size = 0; size < 20_000; size++) {
      boolean prime = BigInteger.valueOf(size).isProbablePrime(40);
      assertEquals(prime && size >= TableSize.MINIMUM, TableSize.isValid(size), "" + size);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -7, 0, 6, 5_000_012, Integer.MAX_VALUE})
  void shouldRefuseWhatIsOutside(int wanted) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> TableSize.atMost(wanted)).getMessage();
    assertTrue(message.contains("" + wanted) && message.contains("7 to 5000011"), message);
  }
}
