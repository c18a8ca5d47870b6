package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.hash.Seed;
import java.util.List;
import org.junit.jupiter.api.Test;

class NatOptionsTest {

  private static String refused(
      List<String> sources, int first, int last, int workers, int sessions, int timeWait) {
    return assertThrows(
            IllegalArgumentException.class,
            () ->
                new NatOptions(
                    NatBed.sources(sources.toArray(String[]::new)),
                    first,
                    last,
                    workers,
                    sessions,
                    FlowTimeouts.DEFAULT,
                    timeWait))
        .getMessage();
  }

  @Test
  void shouldSayWhatIsOutOfRange() {
    List<String> one = List.of("203.0.113.1");
    assertEquals(
        "first source port 0 is out of range: use 1 to 65535", refused(one, 0, 1, 1, 64, 1));
    assertEquals(
        "last source port 1999 is out of range: use 2000 to 65535",
        refused(one, 2000, 1999, 1, 64, 1));
    assertEquals("workers 129 is out of range: use 1 to 128", refused(one, 1, 9, 129, 64, 1));
    assertEquals("sessions 63 is out of range: use 64 to 8388608", refused(one, 1, 9, 1, 63, 1));
    assertEquals(
        "seconds of TIME_WAIT 0 is out of range: use 1 to 2073600", refused(one, 1, 9, 1, 64, 0));
    assertEquals(
        "source ports 2000 to 2002 are fewer than 4 workers: each needs its own",
        refused(one, 2000, 2002, 4, 64, 1));
    assertEquals(
        "source 203.0.113.0/24 is no single address: name each one",
        refused(List.of("203.0.113.0/24"), 1, 9, 1, 64, 1));
    assertEquals(
        "a source address is named twice",
        refused(List.of("203.0.113.1", "203.0.113.1/32"), 1, 9, 1, 64, 1));
    assertEquals(
        "address translation needs a source address, at least", refused(List.of(), 1, 9, 1, 64, 1));
    List<String> many =
        java.util.stream.IntStream.range(0, 65).mapToObj(i -> "203.0.113." + i).toList();
    assertEquals(
        "IPv4 source addresses 65 is out of range: use 0 to 64", refused(many, 1, 9, 1, 64, 1));
  }

  /** The sessions' 128 bytes are most of it; docs/dpdk-nat.md has the rule. */
  @Test
  void shouldSayHowMuchMemoryItTakes() {
    NatOptions options = NatOptions.of(NatBed.sources("203.0.113.1", "2001:db8::1"), 2);
    assertEquals(32256, options.portsPerWorker());
    long sessions = NatOptions.DEFAULT_SESSIONS * 128L;
    long chains = 2 * NatOptions.DEFAULT_SESSIONS * 4L;
    long ports = 2 * 2 * 32256 * 6L;
    long bytes = options.bytes();
    assertTrue(bytes >= sessions + chains + ports && bytes < sessions + chains + ports + 512);
  }

  @Test
  void shouldWantMemoryForEachWorker() {
    NatOptions options = NatOptions.of(NatBed.sources("203.0.113.1"), 2);
    assertThrows(
        IllegalArgumentException.class,
        () -> new NatTables(options, new long[1], new Seed(1, 2), 0));
  }

  /** As many source addresses and ports as there can be. */
  @Test
  void shouldTakeTheMost() throws Exception {
    String[] sources = new String[128];
    for (int i = 0; i < 64; i++) {
      sources[i] = "203.0.113." + i;
      sources[64 + i] = "2001:db8::" + Integer.toHexString(i + 1);
    }
    NatOptions options =
        new NatOptions(NatBed.sources(sources), 65500, 65535, 4, 1024, FlowTimeouts.DEFAULT, 120);
    try (NatBed bed = new NatBed(options)) {
      for (int worker = 0; worker < 4; worker++) {
        for (int i = 0; i < 200; i++) {
          Packet four = Packet.udp("198.51.100." + i, 1, NatBed.VIP, 53);
          Packet six = Packet.udp("2001:db8:c::" + (i + 1), worker + 1, NatBed.VIP_V6, 53);
          Packet there = bed.send(worker, four.between(four.from(), 1 + worker, four.to(), 53));
          assertEquals(worker, bed.owner(there.reply().bytes()));
          bed.answer(worker, there.reply());
          bed.answer(worker, bed.send(worker, six).reply());
        }
      }
      assertEquals(1600, bed.tables.sessions());
    }
  }
}
