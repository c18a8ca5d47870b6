package io.synlev.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.config.Difference.Change;
import io.synlev.config.Difference.Kind;
import io.synlev.state.Contents;
import java.util.List;
import org.junit.jupiter.api.Test;

class DifferenceTest {
  @Test
  void shouldSayWhatComesThenWhatChangesThenWhatGoes() {
    Contents before =
        ConfigFileTest.read(
            Contents.EMPTY,
            """
            pools:
              gone: {backends: {x: {fwmark: 8}}}
              web: {slots: 7, backends: {a: {fwmark: 1}, b: {fwmark: 2, weight: 2}}}
            services:
              old: {pool: gone, vips: 10.0.0.9}
              web: {pool: web, vips: 10.0.0.1, ports: 80}
            """);
    Contents after =
        ConfigFileTest.read(
            Contents.EMPTY,
            """
            pools:
              new: {slots: 11}
              web: {slots: 13, backends: {b: {fwmark: 2, state: draining}, c: {fwmark: 3}}}
            services:
              web: {pool: web, vips: 10.0.0.1, ports: [80, 443]}
            """);
    String plain = ", capacity: 256, policy: maglev, hash: tuple";
    assertEquals(
        List.of(
            new Change(
                Kind.ADD, "pools.new", List.of(), List.of(("slots: 11" + plain).split(", "))),
            new Change(Kind.CHANGE, "pools.web", List.of("slots: 7"), List.of("slots: 13")),
            new Change(
                Kind.CHANGE,
                "pools.web.backends.b",
                List.of("weight: 2", "state: active"),
                List.of("state: draining", "weight: 1")),
            new Change(Kind.ADD, "pools.web.backends.c", List.of(), List.of("fwmark: 3")),
            new Change(
                Kind.CHANGE, "services.web", List.of("ports: [80]"), List.of("ports: [80, 443]")),
            new Change(
                Kind.REMOVE,
                "services.old",
                List.of("pool: gone", "vips: [10.0.0.9/32]"),
                List.of()),
            new Change(Kind.REMOVE, "pools.web.backends.a", List.of("fwmark: 1"), List.of()),
            new Change(Kind.REMOVE, "pools.gone", List.of("1 backends"), List.of())),
        Difference.between(before, after).changes());
    assertEquals(3, Difference.between(before, after).count(Kind.REMOVE));
    assertEquals(List.of(), Difference.between(after, after).changes());
  }
}
