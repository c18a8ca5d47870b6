package io.synlev.health;

import io.synlev.ffi.Epoll;
import io.synlev.ffi.Errno;
import io.synlev.ffi.Sockets;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Sends an echo request (RFC 792, RFC 4443) and waits for its reply. Allocates nothing.
 *
 * <p>By a ping socket where the kernel lets us (icmp(7), sysctl net.ipv4.ping_group_range): the
 * kernel then hands each socket its own replies. Otherwise by a raw socket, which takes CAP_NET_RAW
 * and is handed everybody's.
 *
 * <pre>
 *   offset bytes
 *        0     1  type         2     2  checksum     6     2  sequence
 *        1     1  code         4     2  identifier   8     8  the target and its check
 * </pre>
 */
final class PingProbe implements Probe {
  private static final int BYTES = 16;
  private static final int ECHO = 8;
  private static final int ECHO_REPLY = 0;
  private static final int ECHO6 = 128;
  private static final int ECHO6_REPLY = 129;

  private final Wire wire;
  private final MemorySegment message;
  private final int identifier = (int) ProcessHandle.current().pid() & 0xffff;
  private boolean isRaw;

  PingProbe(Wire wire, Arena arena) {
    this.wire = wire;
    this.message = arena.allocate(BYTES, 8);
  }

  @Override
  public Outcome begin(Target target) {
    boolean ipv6 = target.question.to().isIpv6();
    int result = connect(target, ipv6);
    if (!isRaw && (Errno.EACCES.is(result) || Errno.EPERM.is(result)) && target.descriptor < 0) {
      isRaw = true;
      result = connect(target, ipv6);
    }
    if (result < 0) {
      return target.descriptor < 0 ? Outcome.OWN_FAULT : Outcome.of(-result);
    }
    write(target, ipv6);
    result = Wire.send(target, message, 0);
    return result < 0 ? Outcome.of(-result) : wire.watch(target, Epoll.IN);
  }

  private int connect(Target target, boolean ipv6) {
    return wire.connect(
        target,
        isRaw ? Sockets.SOCK_RAW : Sockets.SOCK_DGRAM,
        ipv6 ? Sockets.IPPROTO_ICMPV6 : Sockets.IPPROTO_ICMP);
  }

  private void write(Target target, boolean ipv6) {
    long at = message.address();
    Memory.putByte(at, (byte) (ipv6 ? ECHO6 : ECHO));
    Memory.putByte(at + 1, (byte) 0);
    Memory.putShort(at + 2, (short) 0);
    Memory.putShortBe(at + 4, (short) identifier);
    Memory.putShortBe(at + 6, (short) target.flight);
    Memory.putLong(at + 8, target.tag());
    // The kernel computes it for ping sockets, and for IPv6, whose addresses it covers.
    Memory.putShortBe(at + 2, (short) checksum(at));
  }

  /** RFC 1071. */
  private static int checksum(long at) {
    int sum = 0;
    for (int i = 0; i < BYTES; i += 2) {
      sum += Memory.getShortBe(at + i) & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    return ~(sum + (sum >>> 16)) & 0xffff;
  }

  @Override
  public Outcome ready(Target target, int happened) {
    int length = wire.receive(target);
    if (length < 0) {
      return Wire.mustWait(length) ? Outcome.PENDING : Outcome.of(-length);
    }
    boolean ipv6 = target.question.to().isIpv6();
    long at = wire.room().address();
    // A raw IPv4 socket hands out the IP header, too: its length stands in the first byte's half.
    int header = isRaw && !ipv6 ? (Memory.getByte(at) & 0xf) * 4 : 0;
    boolean isReply =
        length >= header + BYTES
            && (Memory.getByte(at + header) & 0xff) == (ipv6 ? ECHO6_REPLY : ECHO_REPLY)
            && Memory.getLong(at + header + 8) == target.tag();
    // Anything else may be somebody else's, or late: the timeout ends the wait.
    return isReply ? Outcome.OK : Outcome.PENDING;
  }

  @Override
  public void end(Target target) {
    Wire.close(target);
  }
}
