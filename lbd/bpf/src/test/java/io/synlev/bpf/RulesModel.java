package io.synlev.bpf;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the tc program is to count for a frame, written from docs/tc.md and the headers' RFCs and
 * not from the program: known flows are kept by the bytes that make their key.
 */
final class RulesModel {

  private static final Set<Integer> KNOWN = Set.of(6, 17, 132);

  /** Whether a known flow is closing. */
  private final Map<ByteBuffer, Boolean> flows = new HashMap<>();

  /** Learns an established flow from any whole packet of it. */
  void learn(byte[] frame) {
    flows.put(key(frame), false);
  }

  /** The one hit or miss that is counted, or nothing. */
  Optional<TcCounter> count(byte[] frame) {
    boolean isForUs = frame.length >= 14 && Arrays.equals(frame, 0, 6, new byte[6], 0, 6);
    int type = isForUs ? word(frame, 12) : 0;
    if (type == 0x0800 && frame.length >= 14 + 20 + 8) {
      return Optional.of(ipv4(frame));
    }
    if (type == 0x86dd && frame.length >= 14 + 40 + 8) {
      return Optional.of(ipv6(frame));
    }
    return Optional.empty();
  }

  private TcCounter ipv4(byte[] frame) {
    if (octet(frame, 14) >> 4 != 4) {
      return TcCounter.MISS_MALFORMED;
    }
    if ((octet(frame, 14) & 15) != 5) {
      return TcCounter.MISS_OPTIONS;
    }
    boolean hasMore = (octet(frame, 20) & 0x20) != 0;
    int offset = word(frame, 20) & 0x1fff;
    if (hasMore || offset != 0) {
      return TcCounter.MISS_FRAGMENT;
    }
    if (!KNOWN.contains(octet(frame, 23))) {
      return TcCounter.MISS_PROTOCOL;
    }
    if (octet(frame, 22) < 2) {
      return TcCounter.MISS_HOPS;
    }
    return transport(frame, octet(frame, 23), 34, word(frame, 16) - 20);
  }

  private TcCounter ipv6(byte[] frame) {
    if (octet(frame, 14) >> 4 != 6) {
      return TcCounter.MISS_MALFORMED;
    }
    int next = octet(frame, 20);
    if (!KNOWN.contains(next)) {
      return switch (next) {
        case 44 -> TcCounter.MISS_FRAGMENT;
        case 58 -> TcCounter.MISS_PROTOCOL;
        default -> TcCounter.MISS_OPTIONS;
      };
    }
    if (octet(frame, 21) < 2) {
      return TcCounter.MISS_HOPS;
    }
    return transport(frame, next, 54, word(frame, 18));
  }

  /** The rest, with {@code length} bytes of transport by the IP header. */
  private TcCounter transport(byte[] frame, int protocol, int start, int length) {
    if (length < 8 || start + length > frame.length) {
      return TcCounter.MISS_MALFORMED;
    }
    if (protocol != 6) {
      return flows.containsKey(key(frame)) ? TcCounter.HIT_MARK : TcCounter.MISS_UNKNOWN;
    }
    int header = frame.length < start + 20 ? 0 : (octet(frame, start + 12) >> 4) * 4;
    if (header < 20 || header > length) {
      return TcCounter.MISS_MALFORMED;
    }
    Boolean isClosing = flows.get(key(frame));
    if (isClosing == null) {
      return TcCounter.MISS_UNKNOWN;
    }
    int flags = octet(frame, start + 13);
    if (isClosing && (flags & 2) != 0 && (flags & 16) == 0) {
      flows.remove(key(frame));
      return TcCounter.MISS_REOPENED;
    }
    if ((flags & 5) != 0) {
      flows.put(key(frame), true);
    } else if (length > header) {
      flows.put(key(frame), false);
    }
    return TcCounter.HIT_MARK;
  }

  private static ByteBuffer key(byte[] frame) {
    boolean isIpv4 = word(frame, 12) == 0x0800;
    ByteBuffer key = ByteBuffer.allocate(64);
    key.put(frame[isIpv4 ? 23 : 20]);
    key.put(frame, isIpv4 ? 26 : 22, isIpv4 ? 12 : 36);
    return key.flip();
  }

  private static int octet(byte[] frame, int at) {
    return Byte.toUnsignedInt(frame[at]);
  }

  private static int word(byte[] frame, int at) {
    return octet(frame, at) << 8 | octet(frame, at + 1);
  }
}
