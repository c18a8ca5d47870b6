package io.synlev.dpdk;

import io.synlev.ffi.Errno;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A rule that a NIC applies by itself: packets to an address go to these queues. rte_flow.h.
 *
 * <p>Layouts are tested, and what virtual devices answer; no virtual device takes a rule, so this
 * is untested on hardware. A port that refuses is served in software, which sees the packets
 * anyway. Any thread may call, one at a time.
 */
public final class FlowRule {

  private final byte[] destination;
  private final byte[] mask;
  private final int[] queues;

  /** What DPDK calls it by; 0 while it is not in force. */
  private long inForce;

  /**
   * Describes a rule.
   *
   * @param destination 4 bytes (IPv4) or 16 (IPv6)
   * @param prefixLength bits of it that count
   * @param queues at least one; flows are spread over several by RSS
   */
  public FlowRule(byte[] destination, int prefixLength, int[] queues) {
    if (destination.length != 4 && destination.length != 16 || queues.length == 0) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes, and a rule has a queue");
    }
    PoolOptions.check("prefix length", prefixLength, 0, destination.length * 8L);
    this.destination = destination.clone();
    this.queues = queues.clone();
    mask = new byte[destination.length];
    for (int bit = 0; bit < prefixLength; bit++) {
      mask[bit / 8] |= (byte) (0x80 >> bit % 8);
    }
  }

  /**
   * Asks whether a port could take the rule. A yes is no promise that it does.
   *
   * @return empty for yes, otherwise what the driver says against it
   */
  public String validate(Eal eal, Port port) throws DpdkException {
    return eal.run(
        () -> {
          try (Arena arena = Arena.ofConfined()) {
            long error = arena.allocate(Layout2211.FLOW_ERROR_BYTES, 8).address();
            long rule = write(arena);
            int failed =
                eal.libraries()
                    .ethdev("rte_flow_validate")
                    .plain(port.number(), attribute(rule), items(rule), actions(rule), error, 0);
            return failed == 0 ? "" : reason(error, Errno.describe(-failed));
          }
        });
  }

  /**
   * Puts the rule in force until the port is stopped.
   *
   * @return empty when it is in force, otherwise what the driver says against it
   */
  public String create(Eal eal, Port port) throws DpdkException {
    return eal.run(
        () -> {
          try (Arena arena = Arena.ofConfined()) {
            long error = arena.allocate(Layout2211.FLOW_ERROR_BYTES, 8).address();
            long rule = write(arena);
            long flow =
                eal.libraries()
                    .ethdev("rte_flow_create")
                    .callLong(port.number(), attribute(rule), items(rule), actions(rule), error, 0);
            inForce = Math.max(flow, 0);
            return flow > 0 ? "" : reason(error, eal.libraries().lastError());
          }
        });
  }

  /** Takes the rule out of force, if it is in it. */
  public void destroy(Eal eal, Port port) throws DpdkException {
    if (inForce == 0) {
      return;
    }
    eal.run(
        () -> {
          try (Arena arena = Arena.ofConfined()) {
            long error = arena.allocate(Layout2211.FLOW_ERROR_BYTES, 8).address();
            int failed =
                eal.libraries().ethdev("rte_flow_destroy").plain(port.number(), inForce, error, 0);
            Port.check(failed, "rte_flow_destroy of port " + port.name());
            inForce = 0;
            return null;
          }
        });
  }

  /**
   * Asks a port to receive nothing but what rules bring it, or all again. Before it is configured.
   *
   * @return empty if it does, otherwise what the driver says against it
   */
  public static String isolate(Eal eal, Port port, boolean isOn) throws DpdkException {
    return eal.run(
        () -> {
          try (Arena arena = Arena.ofConfined()) {
            long error = arena.allocate(Layout2211.FLOW_ERROR_BYTES, 8).address();
            int failed =
                eal.libraries()
                    .ethdev("rte_flow_isolate")
                    .plain(port.number(), isOn ? 1 : 0, error, 0);
            return failed == 0 ? "" : reason(error, Errno.describe(-failed));
          }
        });
  }

  private static String reason(long error, String number) {
    String message = Libraries.text(Memory.getLong(error + Layout2211.FLOW_ERROR_MESSAGE));
    return message.isEmpty() ? number : message + " (" + number + ")";
  }

  private static final int ITEMS = 16;
  private static final int ACTIONS = ITEMS + 3 * Layout2211.FLOW_ITEM_BYTES;
  private static final int SPECIFICATION = ACTIONS + 2 * Layout2211.FLOW_ACTION_BYTES;
  private static final int MASK = SPECIFICATION + 48;
  private static final int TARGET = MASK + 48;
  private static final int QUEUES = TARGET + Layout2211.FLOW_RSS_BYTES;

  private static long attribute(long rule) {
    return rule;
  }

  private static long items(long rule) {
    return rule + ITEMS;
  }

  private static long actions(long rule) {
    return rule + ACTIONS;
  }

  /** Attribute, items and actions as rte_flow takes them, in one piece of zeroed memory. */
  long write(Arena arena) {
    MemorySegment room = arena.allocate(QUEUES + 2L * queues.length, 8);
    long rule = room.address();
    Memory.putInt(rule + Layout2211.FLOW_ATTR_FLAGS, Layout2211.FLOW_ATTR_INGRESS);
    boolean isIpv4 = destination.length == 4;
    int type = isIpv4 ? Layout2211.FLOW_ITEM_IPV4 : Layout2211.FLOW_ITEM_IPV6;
    int offset = isIpv4 ? Layout2211.FLOW_IPV4_DESTINATION : Layout2211.FLOW_IPV6_DESTINATION;
    for (int i = 0; i < destination.length; i++) {
      Memory.putByte(rule + SPECIFICATION + offset + i, (byte) (destination[i] & mask[i]));
      Memory.putByte(rule + MASK + offset + i, mask[i]);
    }
    item(items(rule), Layout2211.FLOW_ITEM_ETH, 0, 0);
    item(items(rule) + Layout2211.FLOW_ITEM_BYTES, type, rule + SPECIFICATION, rule + MASK);
    item(items(rule) + 2L * Layout2211.FLOW_ITEM_BYTES, Layout2211.FLOW_ITEM_END, 0, 0);
    writeTarget(rule);
    return rule;
  }

  private static void item(long at, int type, long specification, long mask) {
    Memory.putInt(at, type);
    Memory.putLong(at + Layout2211.FLOW_ITEM_SPEC, specification);
    Memory.putLong(at + Layout2211.FLOW_ITEM_MASK, mask);
  }

  private void writeTarget(long rule) {
    long action = actions(rule);
    for (int i = 0; i < queues.length; i++) {
      Memory.putShort(rule + QUEUES + 2L * i, (short) queues[i]);
    }
    Memory.putLong(action + Layout2211.FLOW_ACTION_CONF, rule + TARGET);
    if (queues.length == 1) {
      Memory.putInt(action, Layout2211.FLOW_ACTION_QUEUE);
      Memory.putShort(rule + TARGET, (short) queues[0]); // struct rte_flow_action_queue
    } else {
      Memory.putInt(action, Layout2211.FLOW_ACTION_RSS);
      Memory.putLong(rule + TARGET + Layout2211.FLOW_RSS_TYPES, Layout2211.RSS_FIELDS);
      Memory.putInt(rule + TARGET + Layout2211.FLOW_RSS_QUEUE_COUNT, queues.length);
      Memory.putLong(rule + TARGET + Layout2211.FLOW_RSS_QUEUES, rule + QUEUES);
    }
    Memory.putInt(action + Layout2211.FLOW_ACTION_BYTES, Layout2211.FLOW_ACTION_END);
  }
}
