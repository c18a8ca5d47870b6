package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Instance;
import io.synlev.steering.SteeringOptions;
import io.synlev.steering.fragment.FragmentOptions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fragments, as a daemon with a fragment queue treats them. */
class ExplainerTest extends Sandbox {
  private static final HexFormat HEX = HexFormat.of();
  private static final SteeringAssumptions WITH_FRAGMENTS =
      new SteeringAssumptions(
          SteeringOptions.DEFAULT, FragmentOptions.DEFAULT, "none", "as a test says", true);
  private static final long MILLISECOND = 1_000_000;

  @BeforeEach
  void create() {
    done("create 997 --pool web --backends 8 --vip 10.0.0.0/24 --seed " + Run.SEED);
  }

  /** A fragment of a UDP datagram from 198.51.100.7 (RFC 791), 64 bytes of it. */
  private static byte[] fragment(int port, int id, int index, boolean more) {
    int field = (more ? 0x2000 : 0) | index * 8;
    return HEX.parseHex(
        "45000054%04x%04x40110000c63364070a000001".formatted(id, field)
            + (index == 0
                ? "%04x003500c80000".formatted(port) + "00".repeat(56)
                : "00".repeat(64)));
  }

  private static List<String> said(List<Explanation> explanations) {
    List<String> said = new ArrayList<>();
    for (Explanation one : explanations) {
      said.add(one.number() + " " + one.decision().reason.label());
    }
    return said;
  }

  @Test
  void shouldHoldEarlyFragmentsAndFollowTheFirst() {
    try (Instance instance = open();
        Explainer explainer = new Explainer(instance, WITH_FRAGMENTS)) {
      for (int port = 1; port <= 20; port++) {
        long now = port * 1000L * MILLISECOND;
        String backend =
            (String)
                run("explain --json udp 198.51.100.7:" + port + " 10.0.0.1:53")
                    .json()
                    .get("backend");
        assertEquals(
            List.of("3 fragment-held"),
            said(explainer.explain(3, now, fragment(port, port, 2, false))));
        assertEquals(
            List.of("2 fragment-held"),
            said(explainer.explain(2, now, fragment(port, port, 1, true))));
        List<Explanation> all = explainer.explain(1, now, fragment(port, port, 0, true));
        assertEquals(
            List.of("1 fragment-first", "3 fragment-followed", "2 fragment-followed"), said(all));
        assertEquals(List.of(3L, 2L), all.getFirst().released());
        for (Explanation one : all) {
          assertEquals(backend, one.backend().name());
        }
        assertEquals(
            List.of("4 fragment-duplicate"),
            said(explainer.explain(4, now, fragment(port, port, 1, true))));
      }
    }
  }

  @Test
  void shouldForgetAsTimeGoesByInTheCapture() {
    try (Instance instance = open();
        Explainer explainer = new Explainer(instance, WITH_FRAGMENTS)) {
      assertEquals(
          List.of("1 fragment-first"), said(explainer.explain(1, 0, fragment(1, 1, 0, true))));
      assertEquals(
          List.of("2 fragment-followed"),
          said(explainer.explain(2, 199 * MILLISECOND, fragment(1, 1, 1, true))));
      List<Explanation> late = explainer.explain(3, 401 * MILLISECOND, fragment(1, 1, 2, false));
      assertEquals(List.of("3 fragment-held"), said(late));
      assertTrue(
          late.getFirst().notes().getFirst().startsWith("lbd may have seen its first one"),
          late::toString);
    }
  }

  @Test
  void shouldCountNothing() {
    String before = done("stats --json");
    try (Instance instance = open();
        Explainer explainer = new Explainer(instance, WITH_FRAGMENTS)) {
      explainer.explain(2, 0, fragment(1, 1, 1, false));
      explainer.explain(1, 0, fragment(1, 1, 0, true));
      explainer.explain(3, 0, fragment(1, 2, 1, true));
      explainer.explain(4, 1000 * MILLISECOND, fragment(1, 3, 0, true));
    }
    assertEquals(before, done("stats --json"));
  }
}
