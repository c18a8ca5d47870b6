package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.dpdk.Dpdk;
import io.synlev.dpdk.DpdkException;
import io.synlev.dpdk.Eal;
import io.synlev.dpdk.PacketPool;
import io.synlev.dpdk.PoolOptions;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortOptions;
import io.synlev.state.Prefix;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No virtual device takes rules, so only refusals can be seen here. */
class IsolationTest {
  private static final PoolOptions SMALL = new PoolOptions(255, 32, 2048);

  private final Eal eal = Dpdk.eal();

  @Test
  void shouldGoOnInSoftwareWhereTheDriverRefuses() throws Exception {
    Isolation isolation = new Isolation(eal, Isolation.Mode.AUTO, 1, List.of());
    PacketPool pool = PacketPool.create(eal, "isolation", SMALL, -1);
    try (Port port = Port.attach(eal, "net_null7")) {
      isolation.before(port);
      port.configure(PortOptions.DEFAULT, pool);
      port.start();
      isolation.started();
      isolation.take(List.of(Prefix.parse("192.0.2.1/32")));
      assertFalse(isolation.refusal().isEmpty());
      assertEquals("", isolation.describe());
      isolation.letGo();
    }
    pool.close();
  }

  @Test
  void shouldRefuseToStartWhereRulesAreRequired() throws Exception {
    Isolation isolation = new Isolation(eal, Isolation.Mode.REQUIRED, 1, List.of());
    try (Port port = Port.attach(eal, "net_null8")) {
      DpdkException refusal = assertThrows(DpdkException.class, () -> isolation.before(port));
      assertTrue(
          refusal.getMessage().contains("port net_null8 (driver net_null) refuses"),
          refusal::getMessage);
    }
  }

  @Test
  void shouldAskNothingWhenItIsOff() throws Exception {
    Isolation isolation = new Isolation(eal, Isolation.Mode.OFF, 1, List.of());
    try (Port port = Port.attach(eal, "net_null9")) {
      isolation.before(port);
      isolation.started();
      assertEquals("isolation=off", isolation.refusal());
    }
  }

  @Test
  void shouldMakeADeviceOfTheSameNameAgain() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (Port port = Port.attach(eal, "net_null10")) {
        assertEquals("net_null", port.info().driver());
      }
    }
  }
}
