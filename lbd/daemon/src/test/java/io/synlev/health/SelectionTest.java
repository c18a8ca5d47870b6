package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.health.Selection.Verdict;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Health;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private final List<Backend> pool =
      new ArrayList<>(List.of(Backend.of("a", 1), Backend.of("b", 2), Backend.of("c", 3)));

  private static Map<String, Verdict> down(String... names) {
    Map<String, Verdict> verdicts = new HashMap<>();
    for (String name : List.of("a", "b", "c")) {
      boolean isDown = List.of(names).contains(name);
      verdicts.put(name, new Verdict(isDown ? Health.DOWN : Health.UP, Backend.WHOLE));
    }
    return verdicts;
  }

  private static String inUse(Selection selection) {
    return String.join(
        "",
        selection.backends().stream().filter(Backend::takesNewFlows).map(Backend::name).toList());
  }

  @Test
  void shouldUseThoseThatAnswer() {
    Selection selection = Selection.of(pool, down("b"), true);
    assertEquals("ac", inUse(selection));
    assertEquals(Set.of(), selection.kept());
  }

  @Test
  void shouldKeepTheLastSetWhenAllAreDown() {
    Selection two = Selection.of(pool, down("b"), true);
    Selection none = Selection.of(two.backends(), down("a", "b", "c"), true);
    assertEquals("ac", inUse(none));
    assertEquals(Set.of("a", "c"), none.kept());
  }

  @Test
  void shouldUseOnlyTheOneThatCameBackAfterAllWereDown() {
    Selection none = Selection.of(pool, down("a", "b", "c"), true);
    assertEquals("abc", inUse(none));
    Selection one = Selection.of(none.backends(), down("a", "c"), true);
    assertEquals("b", inUse(one));
    assertEquals(Set.of(), one.kept());
  }

  @Test
  void shouldUseNoneWhenAllAreDownAndNothingIsKept() {
    assertEquals("", inUse(Selection.of(pool, down("a", "b", "c"), false)));
  }

  @Test
  void shouldCountOnlyBackendsThatPeopleWantInUse() {
    pool.set(1, pool.get(1).with(AdminState.DRAINING));
    pool.set(2, new Backend("c", 3, 0, AdminState.ACTIVE, Health.UP, null, null, null));
    Selection selection = Selection.of(pool, down("a"), true);
    assertEquals(Set.of("a"), selection.kept());
    assertEquals("a", inUse(selection));
  }

  @Test
  void shouldLeaveWhatPeopleDecidedAndThoseWithoutAVerdict() {
    pool.set(0, pool.get(0).with(AdminState.INACTIVE));
    Map<String, Verdict> verdicts = down("a", "b");
    verdicts.remove("c");
    Selection selection = Selection.of(pool, verdicts, true);
    assertEquals(AdminState.INACTIVE, selection.backends().get(0).state());
    assertEquals(pool.get(2), selection.backends().get(2));
    assertEquals("c", inUse(selection));
  }
}
