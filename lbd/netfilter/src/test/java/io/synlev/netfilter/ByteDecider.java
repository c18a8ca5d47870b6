package io.synlev.netfilter;

import io.synlev.datapath.Action;
import io.synlev.datapath.BatchDecider;
import io.synlev.datapath.Decision;
import io.synlev.datapath.Reason;
import io.synlev.memory.Memory;

/**
 * A decider whose answers a test can predict: the packet's last byte modulo 3 is the action, the
 * byte itself the mark; a packet without bytes is dropped.
 */
final class ByteDecider implements BatchDecider {

  static final int MASK = 0xffff;

  final int[] batchSizes = new int[MAX_BATCH + 1];
  Reason reason = Reason.FORWARDED_UDP;

  @Override
  public int markMask() {
    return MASK;
  }

  @Override
  public void decideBatch(
      long[] addresses, int[] lengths, int count, long nowNanos, Decision[] out) {
    batchSizes[count]++;
    for (int i = 0; i < count; i++) {
      Decision decision = out[i];
      int last = lengths[i] == 0 ? 1 : Memory.getByte(addresses[i] + lengths[i] - 1) & 0xff;
      int sum = 0;
      for (int k = 0; k < lengths[i]; k++) { // a real decider may read every byte it was given
        sum += Memory.getByte(addresses[i] + k);
      }
      decision.action = action(last);
      decision.mark = decision.action == Action.MARK ? last : 0;
      decision.backend = sum;
      decision.reason = reason;
    }
  }

  static Action action(int last) {
    return switch (last % 3) {
      case 0 -> Action.ACCEPT;
      case 1 -> Action.DROP;
      default -> Action.MARK;
    };
  }
}
