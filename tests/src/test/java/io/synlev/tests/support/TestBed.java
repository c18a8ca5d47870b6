package io.synlev.tests.support;

/** A lab with servers, a balancer and counters: what most system tests start from. */
public final class TestBed implements AutoCloseable {
  private final Lab lab;
  private final Balancer balancer;

  private TestBed(Lab lab, Balancer balancer) {
    this.lab = lab;
    this.balancer = balancer;
  }

  /** A lab whose servers run the test peer, and an instance with all of them as backends. */
  public static TestBed with(ReturnMode mode, int servers) {
    TestBed bed = bare(mode, servers);
    try {
      Servers.startPeers(bed.lab);
      return bed;
    } catch (RuntimeException | Error e) {
      bed.close();
      throw e;
    }
  }

  /** As {@link #with}, but nothing runs on the servers yet. */
  public static TestBed bare(ReturnMode mode, int servers, String... labOptions) {
    Lab lab = Lab.up(mode, servers, labOptions);
    try {
      return new TestBed(lab, Balancer.on(lab).create());
    } catch (RuntimeException | Error e) {
      lab.close();
      throw e;
    }
  }

  /** The lab. */
  public Lab lab() {
    return lab;
  }

  /** The balancer. */
  public Balancer balancer() {
    return balancer;
  }

  /** The clients of a family. */
  public Client client(Family family) {
    return new Client(lab, family);
  }

  @Override
  public void close() {
    try (lab;
        balancer) {
      // Closing is all: the balancer first.
    }
  }
}
