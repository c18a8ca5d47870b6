package io.synlev.lbd;

import java.lang.reflect.Proxy;
import java.util.concurrent.Semaphore;

/**
 * SIGHUP as a request that a thread waits for. Several that come before it is served are one.
 *
 * <p>The JDK has {@code sun.misc.Signal} for it and nothing else. It is exported (module
 * jdk.unsupported), but each mention of it is a compiler warning that cannot be suppressed, so it
 * is reached by reflection.
 */
final class HangUp {
  private final Semaphore requests = new Semaphore(0);

  /** From now on the signal is a request, and does not end the process. */
  void listen() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  requests.release();
                  return null;
                }
                // What every object has; the JVM may print its handlers.
                return switch (method.getName()) {
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> "SIGHUP of lbd";
                };
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), ours);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no sun.misc.Signal: " + e, e);
    }
  }

  /** Waits for a request. */
  void await() throws InterruptedException {
    requests.acquire();
    requests.drainPermits();
  }
}
