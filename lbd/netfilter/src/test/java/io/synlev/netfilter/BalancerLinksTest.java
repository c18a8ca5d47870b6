package io.synlev.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Interfaces that come, go, and come again under another index. */
class BalancerLinksTest {

  @Test
  void shouldKnowAnInterfaceByItsNameHoweverOftenItIsMadeAgain() throws Exception {
    TestNamespace.run(
        () -> {
          TestNamespace.command(
              "ip link add name tier0 index 77 type veth peer name other index 7");
          BalancerLinks links = new BalancerLinks(List.of("tier0", "later"));
          assertTrue(links.has(77));
          assertFalse(links.has(7));
          assertEquals(Map.of("tier0", 77, "later", 0), links.found());
          assertFalse(links.look(), "nothing has changed");

          TestNamespace.command("ip link delete tier0");
          assertTrue(links.look());
          assertFalse(links.has(77));
          assertFalse(links.has(0), "no interface at all");

          TestNamespace.command("ip link add name tier0 index 88 type veth peer name later");
          assertTrue(links.look());
          assertTrue(links.has(88));
          assertTrue(links.has(links.found().get("later")));
        });
  }

  @Test
  void shouldKnowNobodyWithoutNames() {
    assertTrue(BalancerLinks.NONE.isEmpty());
    assertFalse(BalancerLinks.NONE.has(0));
    assertFalse(BalancerLinks.NONE.has(1));
  }

  @Test
  void shouldRefuseWhatNoInterfaceIsCalled() {
    assertThrows(IllegalArgumentException.class, () -> new BalancerLinks(List.of("a/b")));
  }
}
