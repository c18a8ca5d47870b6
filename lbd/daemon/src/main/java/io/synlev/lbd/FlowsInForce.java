package io.synlev.lbd;

import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.FlowListing;
import io.synlev.datapath.FlowRecord;
import io.synlev.datapath.FlowTable;
import io.synlev.packet.FlowKey;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The flows that are carried for whichever datapath is in force. Any thread may look, but workers:
 * each asks those of its own datapath. What was replaced is looked at by nobody any more.
 */
final class FlowsInForce implements LiveFlows {
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final CarriedFlows carried = new Carried();
  private LiveFlows current = LiveFlows.NONE;

  private interface Look<T, E extends Exception> {
    T at(LiveFlows flows) throws E;
  }

  private <T, E extends Exception> T look(Look<T, E> look) throws E {
    lock.readLock().lock();
    try {
      return look.at(current);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Puts others in force. Waits for whoever is looking, which may take as long as a listing. */
  void replace(LiveFlows next) {
    lock.writeLock().lock();
    try {
      current = next;
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public Offload inForce() {
    return look(LiveFlows::inForce);
  }

  @Override
  public FlowTable of(int worker) {
    throw new IllegalStateException("workers look at the flows of their own datapath");
  }

  @Override
  public int find(FlowKey flow) {
    return look(flows -> flows.find(flow));
  }

  @Override
  public FlowListing listing() {
    return look(LiveFlows::listing) == null ? null : new Listing();
  }

  @Override
  public CarriedFlows carried() {
    return carried;
  }

  @Override
  public Map<String, Long> statistics(int worker) {
    return look(flows -> flows.statistics(worker));
  }

  @Override
  public void serve() throws IOException {
    look(
        flows -> {
          flows.serve();
          return null;
        });
  }

  @Override
  public void refresh() {
    look(
        flows -> {
          flows.refresh();
          return null;
        });
  }

  @Override
  public void close() {
    look(
        flows -> {
          flows.close();
          return null;
        });
  }

  /** Whoever carries flows by then. */
  private final class Carried implements CarriedFlows {

    @Override
    public String carrier() {
      return look(flows -> flows.carried().carrier());
    }

    @Override
    public long[] count(int... marks) throws IOException {
      return look(flows -> flows.carried().count(marks));
    }

    @Override
    public long end(int... marks) throws IOException {
      return look(flows -> flows.carried().end(marks));
    }
  }

  /** The listing of whoever carries flows by then. */
  private final class Listing implements FlowListing {

    private static FlowListing of(LiveFlows flows) throws IOException {
      FlowListing listing = flows.listing();
      if (listing == null) {
        throw new IOException("the datapath has been switched meanwhile: ask again");
      }
      return listing;
    }

    @Override
    public Room room() {
      Room none = new Room(0, "");
      return look(flows -> flows.listing() == null ? none : flows.listing().room());
    }

    @Override
    public String carrier() {
      return carried.carrier();
    }

    @Override
    public void forEach(Consumer<FlowRecord> visitor) throws IOException {
      look(
          flows -> {
            of(flows).forEach(visitor);
            return null;
          });
    }

    @Override
    public long flush(Predicate<FlowRecord> condition) throws IOException {
      return look(flows -> of(flows).flush(condition));
    }

    @Override
    public long end(int... marks) throws IOException {
      return carried.end(marks);
    }

    @Override
    public long[] count(int... marks) throws IOException {
      return carried.count(marks);
    }

    @Override
    public Map<String, Long> counters() throws IOException {
      return look(flows -> of(flows).counters());
    }
  }
}
