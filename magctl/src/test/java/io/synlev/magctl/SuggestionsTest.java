package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionsTest {
  @ParameterizedTest
  @CsvSource({
    "show,show,0",
    "shwo,show,1",
    "sho,show,1",
    "showw,show,1",
    "snow,show,1",
    "kitten,sitting,3",
    "'',abc,3"
  })
  void shouldCountInsertionsReplacementsAndSwaps(String a, String b, int distance) {
    assertEquals(distance, Suggestions.distance(a, b));
    assertEquals(distance, Suggestions.distance(b, a));
  }

  @Test
  void shouldSuggestOnlyWhatIsNear() {
    assertEquals(": did you mean 's1'?", Suggestions.didYouMean("s11", List.of("s1", "web")));
    assertEquals("", Suggestions.didYouMean("quux", List.of("s1", "web")));
    assertEquals("", Suggestions.didYouMean("x", List.of()));
  }
}
