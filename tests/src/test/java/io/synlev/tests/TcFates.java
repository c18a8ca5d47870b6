package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Client;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.RunningCommand;

/** What became of held connections. */
final class TcFates {
  private TcFates() {}

  /**
   * Ends the holder: all of its connections are open, used, and with the server they began with.
   */
  static Json assertAllKept(int connections, RunningCommand held) {
    Json fates = Client.stop(held);
    assertEquals(connections, fates.number("open"), fates::toString);
    assertEquals(0, fates.number("broken"), fates::toString);
    assertEquals(0, fates.number("changed"), fates::toString);
    assertTrue(fates.number("answers") > connections, fates::toString);
    return fates;
  }
}
