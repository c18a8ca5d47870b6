package io.synlev.fastpath;

import io.synlev.datapath.FlowTimeouts;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a connection table should do, as docs/dpdk-flows.md says it: shares nothing with the code
 * under test. The order of each map is that of use.
 */
final class ConnectionModel {

  private static final int ROOM = 8;

  private enum Life {
    NEW,
    ESTABLISHED,
    CLOSING
  }

  private record Flow(Life life, int protocol, long backend, long seenNanos) {}

  private final FlowTimeouts timeouts;
  private final Map<Integer, LinkedHashMap<String, Flow>> buckets = new LinkedHashMap<>();
  private final BigInteger count;
  int inserted;
  int evicted;
  int expired;
  int reopened;
  int hits;

  ConnectionModel(int buckets, FlowTimeouts timeouts) {
    this.timeouts = timeouts;
    count = BigInteger.valueOf(buckets);
  }

  /** The backend that a packet goes to, given the one it gets if its flow is new. */
  long packet(String name, int hash, int protocol, int flags, long backend, long now) {
    int number =
        BigInteger.valueOf(Integer.toUnsignedLong(hash)).multiply(count).shiftRight(32).intValue();
    LinkedHashMap<String, Flow> bucket =
        buckets.computeIfAbsent(number, _ -> new LinkedHashMap<>());
    int before = bucket.size();
    bucket.values().removeIf(flow -> now - flow.seenNanos > seconds(flow) * 1_000_000_000L);
    expired += before - bucket.size();
    Flow flow = bucket.get(name);
    boolean isSyn = (flags & 0x02) != 0 && (flags & 0x14) == 0;
    if (flow != null && flow.life == Life.CLOSING && isSyn) {
      reopened++;
      bucket.remove(name);
      flow = null;
    }
    boolean isEnd = (flags & 0x05) != 0;
    if (flow != null) {
      hits++;
      boolean goesOn = protocol != 6 || (flags & 0x02) == 0;
      Life life =
          protocol == 6 && isEnd
              ? Life.CLOSING
              : flow.life == Life.NEW && goesOn ? Life.ESTABLISHED : flow.life;
      // A time is noted anew after a quarter of a second: 2^28 ns.
      boolean isNoted = now - flow.seenNanos >= 1 << 28;
      Flow next = new Flow(life, protocol, flow.backend, isNoted ? now : flow.seenNanos);
      if (isNoted) {
        bucket.remove(name);
      }
      bucket.put(name, next);
      return flow.backend;
    }
    if (protocol == 6 && (flags & 0x04) != 0) {
      return backend;
    }
    if (bucket.size() == ROOM) {
      evicted++;
      bucket.remove(spared(bucket));
    }
    inserted++;
    bucket.put(
        name, new Flow(protocol == 6 && isEnd ? Life.CLOSING : Life.NEW, protocol, backend, now));
    return backend;
  }

  private static String spared(LinkedHashMap<String, Flow> bucket) {
    for (Map.Entry<String, Flow> flow : bucket.entrySet()) {
      if (flow.getValue().life != Life.ESTABLISHED) {
        return flow.getKey();
      }
    }
    return bucket.firstEntry().getKey();
  }

  private long seconds(Flow flow) {
    return switch (flow.protocol) {
      case 17 -> timeouts.udp();
      case 132 -> timeouts.sctp();
      default ->
          switch (flow.life) {
            case NEW -> timeouts.tcpSyn();
            case ESTABLISHED -> timeouts.tcpEstablished();
            case CLOSING -> timeouts.tcpClosing();
          };
    };
  }
}
