package io.synlev.dpdk;

import io.synlev.ffi.NativeFunction;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;

/**
 * How a port spreads flows over its queues: receive side scaling. struct rte_eth_rss_conf and
 * rte_eth_rss_reta_entry64, rte_ethdev.h. Any thread may call, one at a time.
 *
 * <p>Tested on net_null and net_ring, which keep what they are told; untested on hardware.
 */
public final class Rss {

  private final Eal eal;
  private final Port port;

  /** For a configured port. */
  public Rss(Eal eal, Port port) {
    this.eal = eal;
    this.port = port;
  }

  /**
   * Which queue each entry of the table names; a flow's hash, modulo the entries, chooses one.
   *
   * @throws DpdkException when the driver has no such table
   */
  public int[] table() throws DpdkException {
    int entries = entries();
    int groups = entries / Layout2211.RETA_GROUP;
    try (Arena arena = Arena.ofConfined()) {
      long table = arena.allocate((long) groups * Layout2211.RETA_GROUP_BYTES, 8).address();
      for (int group = 0; group < groups; group++) {
        Memory.putLong(group(table, group) + Layout2211.RETA_MASK, -1);
      }
      call("rte_eth_dev_rss_reta_query", table, entries);
      int[] queues = new int[entries];
      for (int i = 0; i < entries; i++) {
        queues[i] = Memory.getShort(entry(table, i)) & 0xffff;
      }
      return queues;
    }
  }

  /** Names the queue of each entry. */
  public void setTable(int[] queues) throws DpdkException {
    int entries = entries();
    if (queues.length != entries) {
      throw new IllegalArgumentException(
          queues.length + " entries for a table of " + entries + " on port " + port.name());
    }
    try (Arena arena = Arena.ofConfined()) {
      int groups = entries / Layout2211.RETA_GROUP;
      long table = arena.allocate((long) groups * Layout2211.RETA_GROUP_BYTES, 8).address();
      for (int i = 0; i < entries; i++) {
        Memory.putLong(group(table, i / Layout2211.RETA_GROUP) + Layout2211.RETA_MASK, -1);
        Memory.putShort(entry(table, i), (short) queues[i]);
      }
      call("rte_eth_dev_rss_reta_update", table, entries);
    }
  }

  private int entries() throws DpdkException {
    int entries = port.info().rssTable();
    if (entries == 0 || entries % Layout2211.RETA_GROUP != 0) {
      throw new DpdkException(
          "port " + port.name() + " has a table of " + entries + " entries to spread flows",
          "its driver " + port.info().driver() + " cannot: use one queue");
    }
    return entries;
  }

  private static long group(long table, int group) {
    return table + (long) group * Layout2211.RETA_GROUP_BYTES;
  }

  private static long entry(long table, int index) {
    return group(table, index / Layout2211.RETA_GROUP)
        + Layout2211.RETA_QUEUES
        + 2L * (index % Layout2211.RETA_GROUP);
  }

  /**
   * Replaces the key, and the fields that are hashed by those of IP, TCP, UDP and SCTP that the
   * port can hash.
   *
   * @param key as long as {@link PortInfo#rssKeyBytes} says; two ports with the same one spread
   *     alike
   */
  public void setKey(byte[] key) throws DpdkException {
    try (Arena arena = Arena.ofConfined()) {
      long conf = arena.allocate(Layout2211.RSS_CONF_BYTES, 8).address();
      long bytes = arena.allocate(Math.max(key.length, 1)).address();
      for (int i = 0; i < key.length; i++) {
        Memory.putByte(bytes + i, key[i]);
      }
      Memory.putLong(conf + Layout2211.RSS_CONF_KEY, bytes);
      Memory.putByte(conf + Layout2211.RSS_CONF_KEY_LENGTH, (byte) key.length);
      Memory.putLong(
          conf + Layout2211.RSS_CONF_FIELDS, Layout2211.RSS_FIELDS & port.info().rssFields());
      call("rte_eth_dev_rss_hash_update", conf, 0);
    }
  }

  /** The key in force. */
  public byte[] key() throws DpdkException {
    int length = port.info().rssKeyBytes() == 0 ? 40 : port.info().rssKeyBytes();
    try (Arena arena = Arena.ofConfined()) {
      long conf = arena.allocate(Layout2211.RSS_CONF_BYTES, 8).address();
      long bytes = arena.allocate(length).address();
      Memory.putLong(conf + Layout2211.RSS_CONF_KEY, bytes);
      Memory.putByte(conf + Layout2211.RSS_CONF_KEY_LENGTH, (byte) length);
      call("rte_eth_dev_rss_hash_conf_get", conf, 0);
      byte[] key = new byte[length];
      for (int i = 0; i < length; i++) {
        key[i] = Memory.getByte(bytes + i);
      }
      return key;
    }
  }

  private void call(String function, long a, long b) throws DpdkException {
    eal.run(
        () -> {
          NativeFunction linked = eal.libraries().ethdev(function);
          int failed = linked.plain(port.number(), a, b, 0);
          Port.check(failed, function + " of port " + port.name());
          return null;
        });
  }
}
