package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Prefix;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalAddressesTest {

  private static final int FIRST = 0xc000_0201; // 192.0.2.1

  private static Prefix vip(int address) {
    return new Prefix(false, 0, address & 0xffff_ffffL, 32);
  }

  @Test
  void shouldSeeAChangeOnlyWhenTheVipsAreOthers() {
    LocalAddresses local = new LocalAddresses(NeighbourOptions.DEFAULT);
    List<Prefix> vips = List.of(vip(FIRST), vip(FIRST + 1));
    local.take(vips);
    int changes = local.changes;
    local.take(new ArrayList<>(vips));
    assertEquals(changes, local.changes, "another list of the same, as with a new pool");
    local.take(List.of(vip(FIRST)));
    assertEquals(changes + 1, local.changes);
    assertTrue(local.contains(FIRST));
    assertFalse(local.contains(FIRST + 1));
  }
}
