package io.synlev.dpdk;

import io.synlev.memory.Memory;
import java.lang.foreign.MemorySegment;

/**
 * A pool of packet buffers: rte_mempool.h, rte_mbuf.h.
 *
 * <p>Making and closing run on the EAL's thread, any thread may ask for them. {@link #take} and
 * {@link #free} are hot and may be called by several workers at once.
 */
public final class PacketPool {

  private final Eal eal;
  private final String name;
  private final long pool;
  private final MemorySegment dequeue;
  private final MemorySegment freeBulk;

  private PacketPool(Eal eal, String name, long pool) throws DpdkException {
    this.eal = eal;
    this.name = name;
    this.pool = pool;
    long operations =
        eal.libraries().poolOperations()
            + Layout2211.POOL_OPS_TABLE_FIRST
            + (long) Memory.getInt(pool + Layout2211.POOL_OPS_INDEX) * Layout2211.POOL_OPS_BYTES;
    dequeue = Calls.function(Memory.getLong(operations + Layout2211.POOL_OPS_DEQUEUE));
    freeBulk = Calls.function(eal.libraries().freeBulk());
  }

  /**
   * Makes a pool.
   *
   * @param name unique in the process, at most 25 characters
   * @param options how many buffers of what size
   * @param socket the NUMA node, or -1 for any; see {@link Port#socket}
   * @throws DpdkException when there is no room
   */
  public static PacketPool create(Eal eal, String name, PoolOptions options, int socket)
      throws DpdkException {
    return eal.run(
        () -> {
          long pool =
              eal.libraries()
                  .mbuf("rte_pktmbuf_pool_create")
                  .callLong(
                      Text.lasting(name),
                      options.buffers(),
                      options.cache(),
                      0,
                      options.dataBytes() + Mbuf.HEADROOM,
                      socket);
          if (pool <= 0) {
            throw new DpdkException(
                "no room for %d packet buffers of %d bytes (%s): %s"
                    .formatted(
                        options.buffers(), options.dataBytes(), name, eal.libraries().lastError()),
                "ask for fewer, or start with more megabytes of huge pages");
          }
          return new PacketPool(eal, name, pool);
        });
  }

  /** Its address, for DPDK. */
  long address() {
    return pool;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** How many buffers it has in all. */
  public int size() {
    return Memory.getInt(pool + Layout2211.POOL_SIZE);
  }

  /** How many buffers are in it, workers' caches included. Exact only while nobody works. */
  public int available() throws DpdkException {
    return eal.libraries().mempool("rte_mempool_avail_count").plain(pool, 0, 0, 0);
  }

  /**
   * Takes buffers, all or none, and makes them empty packets.
   *
   * @param table where their addresses go, 8 bytes each
   * @return whether there were so many
   */
  public boolean take(long table, int count) {
    if (Calls.bulk(dequeue, pool, table, count) != 0) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      Mbuf.reset(Memory.getLong(table + 8L * i));
    }
    return true;
  }

  /**
   * Frees packets of any pool.
   *
   * @param table of their addresses, 8 bytes each
   */
  public void free(long table, int count) {
    int ignored = Calls.bulk(freeBulk, table, count, 0);
  }

  /** Frees the pool; no buffer of it may be in use. */
  public void close() throws DpdkException {
    eal.run(
        () -> {
          eal.libraries().mempool("rte_mempool_free").run(pool, 0, 0, 0);
          return null;
        });
  }
}
