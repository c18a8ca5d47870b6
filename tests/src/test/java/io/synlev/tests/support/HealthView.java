package io.synlev.tests.support;

import io.synlev.control.ControlClient;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a balancer's health checks know, and what of it is published. */
public final class HealthView {
  private static final String POOL = "default";

  private final Balancer balancer;

  /** Of a balancer whose daemon runs. */
  public HealthView(Balancer balancer) {
    this.balancer = balancer;
  }

  /** Has the pool checked, or checked otherwise. */
  public void set(List<String> options, String... more) {
    List<String> command = new ArrayList<>(List.of("health", "set"));
    command.addAll(List.of(more));
    command.addAll(options);
    balancer.magctl(command.toArray(String[]::new)).orFail();
  }

  /** A daemon that has just begun looks what is to be checked within 100 ms. */
  private Json pool() {
    Await.until("a pool is checked", () -> !pools().isEmpty());
    return pools().getFirst();
  }

  private List<Json> pools() {
    return Json.of(ControlClient.ask(balancer.directory(), "health", Map.of())).objects("pools");
  }

  /** All of a backend. */
  public Json of(String backend) {
    return pool().objects("backends").stream()
        .filter(each -> each.text("backend").equals(backend))
        .findFirst()
        .orElseThrow();
  }

  /** Backends that do not answer and are in use all the same. */
  public List<String> kept() {
    return ((List<?>) pool().fields().get("kept")).stream().map(Object::toString).toList();
  }

  /** Waits until a backend is in a state and its last check had an outcome. */
  public void await(String backend, String state, String outcome) {
    Await.until(
        backend + " " + state + " " + outcome,
        Duration.ofSeconds(20),
        () -> of(backend).text("health").equals(state) && of(backend).text("last").equals(outcome),
        () -> of(backend).toString());
  }

  /** Waits until workers are told that a backend is in a state. */
  public void awaitPublished(String backend, String state) {
    Await.until(
        backend + " is published as " + state,
        Duration.ofSeconds(20),
        () -> published(backend).equals(state),
        () -> of(backend).toString());
  }

  /** What workers are told of a backend. */
  public String published(String backend) {
    return snapshot().backends().stream()
        .filter(each -> each.name().equals(backend))
        .map(Backend::health)
        .findFirst()
        .orElseThrow()
        .label();
  }

  /** The pool's generation. */
  public long generation() {
    return snapshot().generation();
  }

  private PoolSnapshot snapshot() {
    try (Instance instance = Instance.open(balancer.directory())) {
      return instance.snapshot(POOL);
    }
  }
}
