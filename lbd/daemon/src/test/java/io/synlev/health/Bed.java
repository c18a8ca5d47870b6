package io.synlev.health;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Health;
import io.synlev.state.HealthCheck;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.StateDirectory;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** An instance whose backends are addresses of the loopback interface, and its checks. */
final class Bed implements AutoCloseable {
  static final String POOL = "web";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final Instance instance;
  private HealthChecks checks;

  private Bed(Instance instance) {
    this.instance = instance;
    this.checks = new HealthChecks(instance);
  }

  /** With so many backends b1, b2, … at 127.0.0.1, 127.0.0.2, …. */
  static Bed of(Path directory, int backends) {
    List<Backend> all = new ArrayList<>();
    for (int i = 1; i <= backends; i++) {
      all.add(backend("b" + i, i, "127.0.0." + i));
    }
    return of(directory, all);
  }

  /** With one backend at ::1. */
  static Bed ofIpv6(Path directory) {
    return of(
        directory,
        List.of(
            new Backend(
                "b1",
                1,
                1,
                AdminState.ACTIVE,
                Health.UP,
                null,
                (Inet6Address) Inet6Address.ofLiteral("::1"),
                null)));
  }

  private static Bed of(Path directory, List<Backend> backends) {
    Instance instance =
        Instance.create(
            new StateDirectory(directory.resolve("state"), "test"),
            new InstanceSettings(new Seed(1, 2), 0xffff));
    instance.createPool(
        new PoolSettings(POOL, 997, 1_000, Policy.MAGLEV, HashOn.TUPLE, 0), backends);
    return new Bed(instance);
  }

  static Backend backend(String name, int mark, String ipv4) {
    return new Backend(
        name, mark, 1, AdminState.ACTIVE, Health.UP, Inet4Address.ofLiteral(ipv4), null, null);
  }

  /** Has the pool checked at the backends' own addresses, often. */
  Bed check(String... namesAndValues) {
    HealthCheck.Builder check = HealthCheck.builder().set("via", "direct");
    check.set("interval", "20ms").set("timeout", "10s").set("back-off", "0");
    for (int i = 0; i < namesAndValues.length; i += 2) {
      check.set(namesAndValues[i], namesAndValues[i + 1]);
    }
    instance.updateHealthCheck(POOL, _ -> check.build());
    checks.refresh();
    return this;
  }

  /** Has the pool checked no longer. */
  void end() {
    instance.updateHealthCheck(POOL, _ -> null);
    checks.refresh();
  }

  void refresh() {
    checks.refresh();
  }

  /** Another daemon's checks instead of these. */
  void restart() {
    checks.close();
    checks = new HealthChecks(instance);
    checks.refresh();
  }

  @SuppressWarnings("unchecked")
  Map<String, Object> report(String backend) {
    for (Object pool : checks.report()) {
      for (Object each : (List<Object>) ((Map<String, Object>) pool).get("backends")) {
        if (((Map<String, Object>) each).get("backend").equals(backend)) {
          return (Map<String, Object>) each;
        }
      }
    }
    return Map.of("last", "none");
  }

  /** How the pool is checked, as far as that is not usual. */
  Map<?, ?> check() {
    return (Map<?, ?>) ((Map<?, ?>) checks.report().getFirst()).get("check");
  }

  long count(Counter counter) {
    return checks.counters().get(counter.label());
  }

  List<String> allDown() {
    return checks.allDown();
  }

  Health health(String backend) {
    return published(backend).health();
  }

  Backend published(String name) {
    return instance.snapshot(POOL).backends().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  void awaitOutcome(Outcome expected) {
    await(
        () -> expected.label().equals(report("b1").get("last")),
        () -> expected + " instead of " + report("b1"));
  }

  void awaitHealth(String backend, Health expected) {
    await(() -> health(backend) == expected, () -> backend + ": " + report(backend));
  }

  /** Waits until each backend was asked so often more. */
  void awaitChecks(long more) {
    long before = count(Counter.CHECKS);
    await(() -> count(Counter.CHECKS) >= before + more, () -> "no checks");
  }

  static void await(BooleanSupplier condition, java.util.function.Supplier<String> otherwise) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, otherwise);
      Thread.onSpinWait();
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    checks.close();
    instance.close();
  }
}
