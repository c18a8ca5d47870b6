package io.synlev.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Instance;
import io.synlev.tests.support.Commands.Result;
import java.util.Map;
import java.util.Set;

/** Three servers, and clients that hold connections with them that the kernel carries. */
public final class DrainBed implements AutoCloseable {
  private static final int HELD = 90;

  /** Who carries established flows, and how answers travel. */
  public enum Way {
    TC_MARK(ReturnMode.DIRECT, "mark"),
    TC_REDIRECT(ReturnMode.DIRECT, "redirect"),
    ROUTED(ReturnMode.ROUTED, null),
    DNAT(ReturnMode.DNAT, null);

    private final ReturnMode mode;

    /** Null where conntrack carries them. */
    private final String tc;

    Way(ReturnMode mode, String tc) {
      this.mode = mode;
      this.tc = tc;
    }
  }

  private final TestBed bed;
  private final Way way;
  private final Client client;
  private final Instance instance;
  private final RunningCommand holder;
  private final Map<String, Long> held;
  private Daemon daemon;

  private DrainBed(TestBed bed, Way way, Family family) {
    this.bed = bed;
    this.way = way;
    client = bed.client(family);
    instance = Instance.open(bed.balancer().directory());
    restart();
    if (way.tc == null) {
      bed.balancer().install(way.mode, Redirect.SYN_ONLY);
    } else {
      bed.balancer().installForTc(way.mode);
    }
    holder = client.hold(HELD, "--interval", "0.1");
    held = Json.lastLine(holder.out()).numbers("servers");
    assertEquals(Set.of("s1", "s2", "s3"), held.keySet());
  }

  /** Makes all of it; when this returns, the connections are established. */
  public static DrainBed with(Way way, Family family) {
    TestBed bed = TestBed.with(way.mode, 3);
    try {
      return new DrainBed(bed, way, family);
    } catch (RuntimeException | Error e) {
      bed.close();
      throw e;
    }
  }

  /** Starts a daemon, the first one or another. */
  public Daemon restart() {
    daemon = way.tc == null ? bed.balancer().daemon() : bed.balancer().tcDaemon(way.tc);
    return daemon;
  }

  /** The daemon. */
  public Daemon daemon() {
    return daemon;
  }

  /** Runs magctl. */
  public Result magctl(String... arguments) {
    return bed.balancer().magctl(arguments);
  }

  /** Starts magctl. */
  public RunningCommand startMagctl(String... arguments) {
    return bed.balancer().startMagctl(arguments);
  }

  /** How many connections a server had when all were established. */
  public long held(String server) {
    return held.get(server);
  }

  /** What people decided about a backend, as it stands in shared memory. */
  public AdminState state(String name) {
    return instance.snapshot("default").backends().stream()
        .filter(backend -> backend.name().equals(name))
        .map(Backend::state)
        .findFirst()
        .orElseThrow();
  }

  /** Opens connections: the server gets none of them, and the others get some. */
  public void assertNewOnesAvoid(String server) {
    Json arrivals = client.tcp("--count", "100", "--concurrency", "10");
    assertEquals(0, arrivals.number("failed"), arrivals::toString);
    Map<String, Long> servers = arrivals.numbers("servers");
    assertEquals(0, servers.getOrDefault(server, 0L), arrivals::toString);
    assertTrue(servers.size() >= 2, arrivals::toString);
  }

  /** Connections that clients have, the held ones. */
  public long connectionsOfClients() {
    return bed.lab()
        .run(Lab.CLIENT, "ss", "-tnHO", "state", "established", "dport", "= :" + Servers.PORT)
        .orFail()
        .out()
        .lines()
        .count();
  }

  /** All that were held are still there. */
  public void assertAllHeldAreKept() {
    assertEquals(HELD, connectionsOfClients());
  }

  /** Has clients close their connections, and returns what became of them. */
  public Json endHeld() {
    return Client.stop(holder);
  }

  @Override
  public void close() {
    try (bed;
        instance;
        holder) {
      // Closing is all: the clients first.
    }
  }
}
