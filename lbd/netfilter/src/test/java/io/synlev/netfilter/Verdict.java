package io.synlev.netfilter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A verdict as the kernel would read it, and an independent model of which verdicts a datagram must
 * get. Written against the headers with bounds-checked buffers; shares no code with what it judges.
 *
 * @param id the packet
 * @param verdict NF_DROP 0 or NF_ACCEPT 1
 * @param mark the mark that the packet gets
 */
record Verdict(int id, int verdict, int mark) {

  private static final int DROP = 0;

  /** Reads verdict messages, and insists on every constant byte. */
  static List<Verdict> decode(byte[] messages, int queue) {
    List<Verdict> all = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(messages).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      expect(40, in.getInt(), "nlmsg_len");
      expect(0x0301, in.getShort(), "nlmsg_type NFNL_SUBSYS_QUEUE, NFQNL_MSG_VERDICT");
      expect(1, in.getShort(), "nlmsg_flags NLM_F_REQUEST");
      expect(0, in.getInt(), "nlmsg_seq");
      expect(0, in.getInt(), "nlmsg_pid");
      expect(0, in.get(), "nfgen_family");
      expect(0, in.get(), "version");
      expect(queue, Short.toUnsignedInt(Short.reverseBytes(in.getShort())), "res_id");
      expect(12, in.getShort(), "nla_len");
      expect(2, in.getShort(), "nla_type NFQA_VERDICT_HDR");
      int verdict = Integer.reverseBytes(in.getInt());
      int id = Integer.reverseBytes(in.getInt());
      expect(8, in.getShort(), "nla_len");
      expect(3, in.getShort(), "nla_type NFQA_MARK");
      all.add(new Verdict(id, verdict, Integer.reverseBytes(in.getInt())));
    }
    return all;
  }

  private static void expect(int expected, int actual, String what) {
    if (expected != actual) {
      throw new AssertionError(what + " is " + actual + ", not " + expected);
    }
  }

  /** What {@link ByteDecider} and the rules for malformed messages make of a datagram. */
  static List<Verdict> expectedFor(byte[] datagram) {
    List<Verdict> decided = new ArrayList<>();
    List<Verdict> dropped = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(datagram).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (datagram.length - at >= 16) {
      long claimed = in.getInt(at);
      boolean sound = claimed >= 16 && claimed <= datagram.length - at;
      int end = sound ? at + (int) claimed : datagram.length;
      if (in.getShort(at + 4) == 0x300) {
        expectPacket(in, at + 20, end, sound, decided, dropped);
      }
      if (!sound) {
        break;
      }
      at = end + (-end & 3);
    }
    decided.addAll(dropped);
    return decided;
  }

  private static void expectPacket(
      ByteBuffer in,
      int from,
      int end,
      boolean sound,
      List<Verdict> decided,
      List<Verdict> dropped) {
    Integer id = null;
    int mark = 0;
    byte[] payload = null;
    boolean good = sound;
    int at = from;
    while (at + 4 <= end) {
      int length = in.getShort(at) & 0xffff;
      int type = in.getShort(at + 2) & 0x3fff;
      boolean fits = length >= 4 && at + length <= end;
      boolean tooShort = type == 1 && length < 11 || (type == 3 || type == 13) && length < 8;
      if (!fits || tooShort) {
        good = false;
        break;
      }
      switch (type) {
        case 1 -> id = Integer.reverseBytes(in.getInt(at + 4));
        case 3 -> mark = Integer.reverseBytes(in.getInt(at + 4));
        case 10 -> {
          payload = new byte[length - 4];
          in.get(at + 4, payload);
        }
        default -> {}
      }
      at += length + (-length & 3);
    }
    if (id == null) {
      return;
    }
    if (!good || payload == null) {
      dropped.add(new Verdict(id, DROP, 0));
    } else {
      int last = payload.length == 0 ? 1 : payload[payload.length - 1] & 0xff;
      decided.add(
          switch (last % 3) {
            case 0 -> new Verdict(id, 1, mark);
            case 1 -> new Verdict(id, DROP, mark);
            default -> new Verdict(id, 1, mark & 0xffff0000 | last);
          });
    }
  }
}
