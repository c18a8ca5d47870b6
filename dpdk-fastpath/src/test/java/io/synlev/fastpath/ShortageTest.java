package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.fastpath.NatSessions.Shortage;
import org.junit.jupiter.api.Test;

/** What is said when ports or room run out. */
class ShortageTest {

  @Test
  void shouldSayWhatHasRunOutSinceTheLastMessage() {
    Shortage ports = new Shortage(1_000_000, 3);
    assertEquals(
        "nat: 1,000,003 packets of new connections were dropped:"
            + " no source port is free; give more nat-sources or wider nat-ports",
        ports.since(Shortage.NONE).message());
    assertEquals(
        "nat: 17 packets of new connections were dropped:"
            + " the table is full; allow more nat-sessions",
        new Shortage(1_000_001, 19).since(ports).message());
  }
}
