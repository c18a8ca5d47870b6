package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.state.Prefix;
import io.synlev.steering.PrefixTable.Rule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTableTest {

  private final SplittableRandom random = new SplittableRandom(42);

  /** The longest of all prefixes that contain the address, by asking every one. */
  private static int naive(List<Prefix> prefixes, boolean ipv6, long high, long low) {
    int best = -1;
    for (int i = 0; i < prefixes.size(); i++) {
      if (prefixes.get(i).contains(ipv6, high, low)
          && (best < 0 || prefixes.get(i).length() > prefixes.get(best).length())) {
        best = i;
      }
    }
    return best;
  }

  private static PrefixTable table(boolean ipv6, List<Prefix> prefixes) {
    List<Rule> rules = new ArrayList<>();
    for (Prefix prefix : prefixes) {
      rules.add(new Rule(prefix.high(), prefix.low(), prefix.length(), rules.size()));
    }
    return new PrefixTable(ipv6 ? 128 : 32, rules);
  }

  /** Few bits vary, so that prefixes nest and addresses meet them. */
  private long[] address(boolean ipv6) {
    long high = 0x2001_0db8_0000_0000L | random.nextInt(4) | (long) random.nextInt(4) << 62;
    long low = ipv6 ? random.nextInt(8) | (long) random.nextInt(4) << 62 : 0;
    long ipv4 = random.nextInt(16) | (long) random.nextInt(8) << 29;
    return ipv6 ? new long[] {high, low} : new long[] {0, ipv4};
  }

  private Prefix prefix(boolean ipv6) {
    int bits = ipv6 ? 128 : 32;
    int zeros = bits - random.nextInt(bits + 1);
    long[] address = address(ipv6);
    long low = zeros >= 64 ? 0 : address[1] >>> zeros << zeros;
    int highZeros = Math.max(zeros - 64, 0);
    long high = highZeros == 64 ? 0 : address[0] >>> highZeros << highZeros;
    return new Prefix(ipv6, high, low, bits - zeros);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldFindWhatAskingEveryPrefixFinds(boolean ipv6) {
    int hits = 0;
    for (int round = 0; round < 200; round++) {
      Set<Prefix> different = new HashSet<>();
      int count = random.nextInt(60);
      for (int i = 0; i < count; i++) {
        different.add(prefix(ipv6));
      }
      List<Prefix> prefixes = List.copyOf(different);
      PrefixTable table = table(ipv6, prefixes);
      for (int i = 0; i < 500; i++) {
        long[] address = address(ipv6);
        int expected = naive(prefixes, ipv6, address[0], address[1]);
        assertEquals(expected, table.find(address[0], address[1]));
        hits += expected >= 0 ? 1 : 0;
      }
    }
    assertEquals(true, hits > 10_000, "the test's addresses meet its prefixes: " + hits);
  }

  @Test
  void shouldMatchEverythingWithLengthZeroAndNothingWhenEmpty() {
    assertEquals(-1, table(false, List.of()).find(0, 7));
    assertEquals(0, table(false, List.of(Prefix.parse("0.0.0.0/0"))).find(0, 0xffff_ffffL));
    assertEquals(0, table(true, List.of(Prefix.parse("::/0"))).find(-1, -1));
  }

  @Test
  void shouldHoldManyHosts() {
    List<Prefix> hosts = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      hosts.add(new Prefix(true, 0x2001_0db8_0000_0000L, i, 128));
    }
    PrefixTable table = table(true, hosts);
    for (int i = 0; i < 5_000; i++) {
      assertEquals(i, table.find(0x2001_0db8_0000_0000L, i));
    }
    assertEquals(-1, table.find(0x2001_0db8_0000_0000L, 5_000));
  }
}
