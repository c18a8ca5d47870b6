package io.synlev.dpdk;

/**
 * Memory in huge pages: rte_malloc.h. Making and freeing run on the EAL's thread; any thread may
 * ask for them.
 */
public final class HugeMemory implements AutoCloseable {

  private final Eal eal;
  private final long address;
  private final long bytes;
  private boolean isClosed;

  private HugeMemory(Eal eal, long address, long bytes) {
    this.eal = eal;
    this.address = address;
    this.bytes = bytes;
  }

  /**
   * Takes zeroed memory.
   *
   * @param name what it is for, for messages and DPDK's dumps
   * @param bytes at least 1
   * @param alignment a power of two
   * @param socket the NUMA node, or -1 for any
   * @throws DpdkException when there is no such room, with the number of huge pages that it takes
   */
  public static HugeMemory allocate(Eal eal, String name, long bytes, int alignment, int socket)
      throws DpdkException {
    return eal.run(
        () -> {
          long address =
              eal.libraries()
                  .eal("rte_zmalloc_socket")
                  .callLong(Text.lasting(name), bytes, alignment, socket, 0, 0);
          if (address <= 0) {
            long pages = Math.ceilDiv(bytes, HugePages.pageBytes());
            throw new DpdkException(
                "no room for %s: %d MB, that is %d huge pages of %d kB%s"
                    .formatted(
                        name,
                        Math.ceilDiv(bytes, 1 << 20),
                        pages,
                        HugePages.pageBytes() >> 10,
                        socket < 0 ? "" : ", on NUMA node " + socket),
                "ask for less, or start with more megabytes of huge pages");
          }
          return new HugeMemory(eal, address, bytes);
        });
  }

  /** Where it begins. */
  public long address() {
    return address;
  }

  /** How long it is. */
  public long bytes() {
    return bytes;
  }

  /** Gives it back; nobody may use it any more. */
  @Override
  public void close() throws DpdkException {
    if (isClosed) {
      return;
    }
    isClosed = true;
    eal.run(
        () -> {
          eal.libraries().eal("rte_free").run(address, 0, 0, 0);
          return null;
        });
  }
}
